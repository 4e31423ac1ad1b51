// A decision in a line.

import type { Caller, DecisionLine, RuleRef } from '@clover/traffic';
import { percent } from '../../output/percent.ts';

/** `default/lb chrome`, `default/lb http[2]`; who else decided when no rule did. */
export function ruleText({ rule, outcome, virtualHost }: DecisionLine): string {
  if (rule)
    return `${rule.virtualService} ${rule.name || `${rule.kind ? 'rules' : 'http'}[${rule.index}]`}`;
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

/** `gateway in default (istio=ingressgateway), port 80` */
export function callerWords({ via, namespace, labels }: Caller, port: number): string {
  const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `${via} in ${namespace}${words.length > 0 ? ` (${words.join(', ')})` : ''}, port ${port}`;
}

/** A rule by its reference; `ruleText` where there is none. */
export function ruleWords(ref: RuleRef | undefined, line: DecisionLine): string {
  return ref?.virtualService === undefined
    ? ruleText(line)
    : `${ref.virtualService} ${ref.ruleName || listed(ref)}`;
}

/** `http[2]`, `tcp[0]`; `rules[1]` of a route of Gateway API. */
export const listed = ({ source, section, ruleIndex }: RuleRef) =>
  `${source ? 'rules' : (section ?? 'http')}[${ruleIndex}]`;
