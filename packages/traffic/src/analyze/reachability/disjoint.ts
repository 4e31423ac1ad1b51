// Whether two rules plainly have no request in common: a cheap look at fixed texts, so that proofs need to hold
// a rule against few others only.

import type { Condition } from '../../conditions.ts';

/** false when it is not plain. */
export function plainlyDisjoint(a: readonly Condition[], b: readonly Condition[]): boolean {
  return a.some((one) => b.some((other) => apart(one, other)));
}

function apart(a: Condition, b: Condition): boolean {
  if (a.subject.kind !== b.subject.kind || a.subject.name !== b.subject.name) return false;
  if (a.inverted || b.inverted || a.ignoresCase || b.ignoresCase) return false;
  const one = startOf(a);
  const other = startOf(b);
  if (one === undefined || other === undefined) return false;
  if (one.whole && other.whole) return one.text !== other.text;
  if (one.whole) return !one.text.startsWith(other.text);
  if (other.whole) return !other.text.startsWith(one.text);
  return !one.text.startsWith(other.text) && !other.text.startsWith(one.text);
}

/** What a text must begin with, or be, to meet the condition. */
function startOf({ match }: Condition): { text: string; whole: boolean } | undefined {
  if (match?.exact !== undefined) return { text: match.exact, whole: true };
  if (match?.prefix !== undefined) return { text: match.prefix, whole: false };
  if (match?.regex === undefined || match.regex.includes('|')) return undefined;
  const literal = /^[\w/-]*/.exec(match.regex)![0];
  // What comes after the last character may make it optional.
  const optional = '?*{'.includes(match.regex.charAt(literal.length) || ' ');
  return { text: optional ? literal.slice(0, -1) : literal, whole: false };
}
