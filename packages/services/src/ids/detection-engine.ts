// All rules against one request: an automaton for each buffer names the rules that may match, and only
// those are looked at closely.

import { createBuffers, type ExaminedRequest } from './buffers.ts';
import { ruleMatcher } from './match-rule.ts';
import { createMultiPattern, type MultiPattern } from './multi-pattern.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import type { BufferName, Content, Rule } from './rule.ts';

export interface DetectionEngine {
  readonly rules: readonly Rule[];
  /** The rules that raise an alert for this request, in their order. None when a `pass` rule matches. */
  examine(request: ExaminedRequest, nowMs: number): Rule[];
}

interface Group {
  readonly buffer: BufferName;
  readonly patterns: MultiPattern;
  /** The rule of each pattern. */
  readonly ruleOf: Int32Array;
}

/** `rates` goes on over a change of rules. */
export function createDetectionEngine(
  rules: readonly Rule[],
  rates: RateLimiter = createRateLimiter(),
): DetectionEngine {
  const matchers = rules.map(ruleMatcher);
  const { groups, always } = groupRules(rules);
  /** The request in which a rule was last named, so that it is looked at once. */
  const named = new Float64Array(rules.length);
  let turn = 0;
  return {
    rules,
    examine(request, nowMs) {
      const buffers = createBuffers(request);
      turn++;
      const hits: number[] = [];
      const look = (index: number) => {
        if (named[index] === turn) return;
        named[index] = turn;
        if (concerns(rules[index]!, request) && matchers[index]!(buffers)) hits.push(index);
      };
      for (const index of always) look(index);
      for (const { buffer, patterns, ruleOf } of groups)
        patterns.scan(buffers.get(buffer), (pattern) => look(ruleOf[pattern]!));
      if (hits.length === 0) return [];
      const found = hits.toSorted((a, b) => a - b).map((index) => rules[index]!);
      if (found.some(({ action }) => action === 'pass')) return [];
      return found.filter((rule) =>
        rates.tells(rule, request.sourceAddress, request.destinationAddress, nowMs),
      );
    },
  };
}

/** Rules by the buffer of the content that is looked for first; without one they are always looked at. */
function groupRules(rules: readonly Rule[]): { groups: Group[]; always: number[] } {
  const always: number[] = [];
  const byBuffer = new Map<BufferName, { pattern: string; rule: number }[]>();
  for (const [rule, { checks, fast }] of rules.entries()) {
    const content = fast ?? longest(checks.filter((check) => check.kind === 'content'));
    if (!content) {
      always.push(rule);
      continue;
    }
    const entry = { pattern: content.pattern, rule };
    const entries = byBuffer.get(content.buffer);
    if (entries) entries.push(entry);
    else byBuffer.set(content.buffer, [entry]);
  }
  const groups = [...byBuffer].map(([buffer, entries]): Group => ({
    buffer,
    patterns: createMultiPattern(entries.map(({ pattern }) => pattern)),
    ruleOf: Int32Array.from(entries, ({ rule }) => rule),
  }));
  return { groups, always };
}

function longest(contents: readonly Content[]): Content | undefined {
  return contents
    .filter(({ negated }) => !negated)
    .toSorted((a, b) => b.pattern.length - a.pattern.length)[0];
}

function concerns(rule: Rule, request: ExaminedRequest): boolean {
  const { source, destination } = rule;
  return (
    (source.addresses.has(request.sourceAddress) &&
      source.ports.has(request.sourcePort) &&
      destination.addresses.has(request.destinationAddress) &&
      destination.ports.has(request.destinationPort)) ||
    (rule.bothWays &&
      source.addresses.has(request.destinationAddress) &&
      source.ports.has(request.destinationPort) &&
      destination.addresses.has(request.sourceAddress) &&
      destination.ports.has(request.sourcePort))
  );
}
