// Requests that probably meet a rule, made without looking hard: most rules are shown to be reached by one of
// them, and what is shown by a request needs no proof.

import type { Condition, Subject } from '../../conditions.ts';
import type { TrafficRequest } from '../../request.ts';

/** They may not meet the rule: the caller looks. */
export function simpleRequests(
  conditions: readonly Condition[],
  base: TrafficRequest,
): TrafficRequest[] {
  return ['', 'x', '/x'].map((more) => {
    let request = base;
    for (const one of conditions)
      if (!one.inverted) request = withText(request, one.subject, textFor(one, more));
    return request;
  });
}

function textFor({ match }: Condition, more: string): string {
  if (match?.exact !== undefined) return match.exact;
  if (match?.prefix !== undefined) return match.prefix + more;
  return match?.regex === undefined || match.regex === '*' ? 'x' : simplest(match.regex);
}

function withText(request: TrafficRequest, { kind, name }: Subject, text: string): TrafficRequest {
  const [path = '', query] = request.path.split('?');
  switch (kind) {
    case 'path':
      return { ...request, path: query === undefined ? text : `${text}?${query}` };
    case 'query':
      return {
        ...request,
        path: `${path}?${query === undefined ? '' : `${query}&`}${name}=${text}`,
      };
    case 'method':
      return { ...request, method: text };
    case 'header':
      return { ...request, headers: { ...request.headers, [name]: text } };
    default:
      // The authority and the scheme stay as they are; the whole path is for those who look harder.
      return request;
  }
}

/** Good for the patterns that people write: classes, groups, alternatives, repetitions. */
function simplest(regex: string): string {
  let text = regex.replace(/^\^|\$$/g, '');
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(
      /\((?:\?:|\?P<\w+>)?([^()|]*)(?:\|[^()]*)?\)([*?]|\{0[^}]*\})?/g,
      (_, inner: string, optional: string) => (optional ? '' : inner),
    );
  }
  return text
    .split('|')[0]!
    .replace(/(\[[^\]]*\]|\\.|.)([*?]|\{0[^}]*\})/g, '')
    .replace(/(\[[^\]]*\]|\\.|.)(?:\+|\{\d[^}]*\})/g, '$1')
    .replace(/\[\^[^\]]*\]/g, 'x')
    .replace(/\[\\?(\w)[^\]]*\]/g, '$1')
    .replace(/\\d/g, '1')
    .replace(/\\w/g, 'a')
    .replace(/\\(.)/g, '$1')
    .replace(/\./g, 'x');
}
