// Whether the parts of a request hold what a rule looks for. Contents that stand relative to each other
// are tried at every place; what failed once from a place is not tried from there again, and after so
// many places the rule counts as not matching, so that no text can make a rule slow.

import type { Buffers } from './buffers.ts';
import type { BufferName, Check, Content, Rule } from './rule.ts';

/** The checks of one buffer in their order, and for each whether a later one depends on where it matched. */
interface Chain {
  readonly buffer: BufferName;
  readonly checks: readonly Check[];
  readonly needsOthers: readonly boolean[];
}

export type RuleMatcher = (buffers: Buffers) => boolean;

/** Places tried for a buffer's checks; Suricata stops after 3,000. */
const MOST_PLACES = 20_000;

/** A rule's checks, the cheap buffers first. */
export function ruleMatcher(rule: Pick<Rule, 'checks'>): RuleMatcher {
  const byBuffer = new Map<BufferName, Check[]>();
  for (const check of rule.checks) {
    const checks = byBuffer.get(check.buffer);
    if (checks) checks.push(check);
    else byBuffer.set(check.buffer, [check]);
  }
  const chains = [...byBuffer].map(([buffer, checks]): Chain => ({
    buffer,
    checks,
    needsOthers: checks.map((_, index) => isLookedBackAt(checks, index)),
  }));
  chains.sort((a, b) => Number(isBig(a.buffer)) - Number(isBig(b.buffer)));
  return (buffers) => chains.every((chain) => matchChain(chain, buffers));
}

const isBig = (buffer: BufferName): boolean => buffer === 'pkt' || buffer === 'clientBody';

/** Where a check matched matters as long as a relative one follows before the next that counts from the start. */
function isLookedBackAt(checks: readonly Check[], index: number): boolean {
  for (const check of checks.slice(index + 1)) {
    if (check.kind === 'size') continue;
    if (check.relative) return true;
    if (check.kind !== 'isdataat' && !check.negated) return false;
  }
  return false;
}

function matchChain({ buffer, checks, needsOthers }: Chain, buffers: Buffers): boolean {
  const text = buffers.get(buffer);
  let failed: Set<number> | undefined;
  let places = 0;
  const from = (index: number, cursor: number): boolean => {
    const check = checks[index];
    if (check === undefined) return true;
    switch (check.kind) {
      case 'size':
        return (
          text.length >= check.leastBytes &&
          text.length <= check.mostBytes &&
          from(index + 1, cursor)
        );
      case 'isdataat': {
        const start = check.relative ? cursor : 0;
        return start + check.sizeBytes <= text.length !== check.negated && from(index + 1, cursor);
      }
      case 'pcre': {
        const start = check.relative ? cursor : 0;
        const matcher = check.regex.matcher(start === 0 ? text : text.slice(start));
        let found = check.anchored ? matcher.lookingAt() : matcher.find();
        if (check.negated) return !found && from(index + 1, cursor);
        while (found) {
          if (onward(index, start + matcher.end())) return true;
          if (!needsOthers[index] || check.anchored || places > MOST_PLACES) return false;
          found = matcher.find();
        }
        return false;
      }
      case 'content': {
        const where = check.nocase ? buffers.lower(buffer) : text;
        const base = check.relative ? cursor : 0;
        let found = find(where, check, base, 0);
        if (check.negated) return found === -1 && from(index + 1, cursor);
        while (found !== -1) {
          if (onward(index, found + check.pattern.length)) return true;
          if (!needsOthers[index] || places > MOST_PLACES) return false;
          found = find(where, check, base, found + 1);
        }
        return false;
      }
    }
  };
  /** The rest of the chain from a match, once for each place. */
  const onward = (index: number, cursor: number): boolean => {
    if (!needsOthers[index]) return from(index + 1, cursor);
    if (++places > MOST_PLACES) return false;
    const key = index * (text.length + 1) + cursor;
    if (failed?.has(key)) return false;
    if (from(index + 1, cursor)) return true;
    (failed ??= new Set()).add(key);
    return false;
  };
  return from(0, 0);
}

/** The first place of the pattern in its window, at or after `least`; -1 when there is none. */
function find(text: string, check: Content, base: number, least: number): number {
  const start = Math.max(0, base + check.from);
  const end =
    check.length === undefined
      ? text.length
      : Math.min(text.length, base + check.from + check.length);
  const { pattern } = check;
  if (check.atEnd) {
    const at = text.length - pattern.length;
    return at >= Math.max(start, least) && end === text.length && text.startsWith(pattern, at)
      ? at
      : -1;
  }
  const last = end - pattern.length;
  if (last < start) return -1;
  // A narrow window in a long text: do not search beyond it.
  const within = end < text.length ? text.slice(0, end) : text;
  const found = within.indexOf(pattern, Math.max(start, least));
  return found > last ? -1 : found;
}
