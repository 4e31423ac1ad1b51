// One http rule: what it does, and that its parts go together.

import type { FieldPath } from '../read/check-fields.ts';
import type { HttpRoute } from '../resource.ts';
import { checkCors } from './cors.ts';
import { checkDestination, checkWeighted } from './destinations.ts';
import { checkFault } from './fault.ts';
import { checkHeaders, isAuthority } from './headers.ts';
import { checkDirectResponse, checkRedirect, checkRewrite } from './http-answers.ts';
import { checkHttpMatch } from './http-match.ts';
import { checkRetries } from './retries.ts';
import type { Say } from './say.ts';

/** `inDelegate`: of a VirtualService without hosts. */
export function checkHttpRule(
  rule: HttpRoute,
  path: FieldPath,
  { say, inDelegate }: { say: Say; inDelegate: boolean },
): void {
  checkActions(rule, path, say, inDelegate);
  for (const [index, match] of (rule.match ?? []).entries())
    checkHttpMatch(match, [...path, 'match', index], say);
  checkHeaders(rule.headers, [...path, 'headers'], say);
  checkCors(rule.corsPolicy, [...path, 'corsPolicy'], say);
  checkFault(rule.fault, [...path, 'fault'], say);
  checkRetries(rule.retries, [...path, 'retries'], say);
  checkRedirect(rule, path, say);
  checkDirectResponse(rule.directResponse, [...path, 'directResponse'], say);
  checkRewrite(rule.rewrite, [...path, 'rewrite'], say);
  checkAuthority(rule, path, say);
  checkWeighted(rule.route, [...path, 'route'], say);
  for (const [index, { headers }] of (rule.route ?? []).entries())
    checkHeaders(headers, [...path, 'route', index, 'headers'], say);
  checkMirrors(rule, path, say);
}

function checkActions(rule: HttpRoute, path: FieldPath, say: Say, inDelegate: boolean): void {
  const actions = (['route', 'redirect', 'directResponse', 'delegate'] as const).filter((name) =>
    name === 'route' ? (rule.route?.length ?? 0) > 0 : rule[name] !== undefined,
  );
  if (inDelegate && rule.delegate) {
    say([...path, 'delegate'], {
      code: 'place',
      message: 'a delegate delegates: there is one level only',
      hint: 'write the rules of that VirtualService here',
    });
  } else if (actions.length === 0)
    say(path, {
      code: 'noAction',
      message:
        'this rule does nothing: it has neither route, redirect, directResponse nor delegate',
    });
  // Istio's rules forget directResponse beside delegate.
  const passes = actions.length === 2 && rule.delegate && rule.directResponse;
  if (actions.length > 1)
    say([...path, actions[1]!], {
      code: 'actions',
      severity: passes ? 'warning' : 'error',
      message: `${actions.join(' and ')} stand together; only one may`,
      hint: `${actions[0]} would win`,
    });
  if (rule.delegate && !inDelegate) return;
  const answer = rule.redirect ? 'redirect' : rule.directResponse ? 'directResponse' : undefined;
  for (const part of ['fault', 'rewrite'] as const) {
    if (rule[part] && answer)
      say([...path, part], {
        code: 'besideAnswer',
        message: `${part} cannot stand beside ${answer}`,
      });
  }
  if (rule.mirror && rule.mirrors?.length)
    say([...path, 'mirrors'], {
      code: 'exclusive',
      message: 'mirror and mirrors stand together; only one may',
      hint: 'move mirror into mirrors',
    });
}

/** The Host may be set in one place. */
function checkAuthority({ rewrite, headers }: HttpRoute, path: FieldPath, say: Say): void {
  const places: FieldPath[] = rewrite?.authority ? [[...path, 'rewrite', 'authority']] : [];
  for (const part of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(headers?.request?.[part] ?? {}))
      if (isAuthority(name) && value !== '')
        places.push([...path, 'headers', 'request', part, name]);
  }
  if (places.length > 1)
    say(places[1]!, {
      code: 'exclusive',
      message: 'the authority is set twice',
      hint: 'keep rewrite.authority, or the header Host',
    });
}

function checkMirrors(rule: HttpRoute, path: FieldPath, say: Say): void {
  checkDestination(rule.mirror, [...path, 'mirror'], say);
  checkShare(rule.mirrorPercentage?.value, [...path, 'mirrorPercentage', 'value'], say);
  checkShare(rule.mirrorPercent, [...path, 'mirrorPercent'], say);
  for (const [index, { destination, percentage }] of (rule.mirrors ?? []).entries()) {
    checkDestination(destination, [...path, 'mirrors', index, 'destination'], say);
    checkShare(percentage?.value, [...path, 'mirrors', index, 'percentage', 'value'], say);
  }
}

function checkShare(value: number | undefined, path: FieldPath, say: Say): void {
  if (value !== undefined && (value < 0 || value > 100))
    say(path, {
      code: 'range',
      message: `a share of ${value} % is none`,
      hint: 'allowed: 0 to 100',
    });
}
