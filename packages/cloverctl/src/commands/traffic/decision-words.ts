// A decision in a line.

import type { DecisionLine } from '@clover/traffic';
import { percent } from '../../output/percent.ts';

/** `default/lb chrome`, `default/lb http[2]`; who else decided when no rule did. */
export function ruleText({ rule, outcome, virtualHost }: DecisionLine): string {
  if (rule) return `${rule.virtualService} ${rule.name || `http[${rule.index}]`}`;
  if (outcome === 'forward') return "the service's own route";
  if (outcome === 'redirect') return 'httpsRedirect of the gateway';
  return virtualHost === null ? 'no virtual host' : 'no rule';
}

/** `web:80 v1 30 %, web:80 v2 70 %`, `redirect 301 to …`, `404`. */
export function destinationText(line: DecisionLine): string {
  switch (line.outcome) {
    case 'forward':
      return line
        .destinations!.map((one) => {
          const share = line.destinations!.length > 1 ? ` ${percent(one.probability)}` : '';
          return `${one.host}:${one.port}${one.subset && ` ${one.subset}`}${share}${one.missing ? ' (not there)' : ''}`;
        })
        .join(', ');
    case 'redirect':
      return `redirect ${line.redirect!.status} to ${line.redirect!.location}`;
    case 'directResponse':
      return `direct response ${line.directResponse!.status}`;
    case 'preflight':
      return 'CORS preflight, answered by the proxy';
    case 'passthrough':
      return 'passed through';
    case 'blocked':
      return '502, host not declared';
    case 'notFound':
      return '404';
  }
}
