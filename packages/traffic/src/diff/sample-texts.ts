// Texts that stand for all texts: for every way in which some conditions can be met or not by one text, the
// shortest text that does so. Found by walking all conditions at once, breadth first.

import type { StringMatch } from '../resource.ts';
import { literalAutomaton } from './literal-automaton.ts';
import { regexAutomaton, type Automaton } from './regex-automaton.ts';

export interface TextCondition {
  readonly match: StringMatch | null;
  readonly ignoresCase: boolean;
}

export interface SampleTexts {
  /** Shortest first. */
  readonly texts: readonly string[];
  /** false when there were too many states, or a condition that cannot be walked: some ways may be missing. */
  readonly complete: boolean;
}

const MAX_STATES = 150_000;
/** More than one for a way, so that what depends on more than the conditions shows too (a rewrite, say). */
const PER_WAY = 2;

/** @param domain a regular expression for the texts that may stand there at all */
export function sampleTexts(
  conditions: readonly TextCondition[],
  domain: string,
  maxStates = MAX_STATES,
): SampleTexts {
  const literals = (ignoresCase: boolean) =>
    conditions
      .filter((one) => one.ignoresCase === ignoresCase)
      // A prefix of whole segments looks at the slash after it.
      .flatMap(({ match }) =>
        match?.exact !== undefined
          ? [match.exact]
          : match?.prefix === undefined
            ? []
            : [match.prefix, `${match.prefix}/`],
      );
  const trees = [literalAutomaton(literals(false), false), literalAutomaton(literals(true), true)];
  const patterns = new Set(
    conditions.flatMap(({ match }) =>
      match?.regex !== undefined && match.regex !== '*' ? [match.regex] : [],
    ),
  );
  const found = [...patterns].map(regexAutomaton);
  const regexes = found.filter((one) => one !== undefined);
  const allowed = domainAutomaton(domain);
  const walked: Automaton[] = [...trees, ...regexes, allowed];
  const alphabet = lettersFor(
    walked,
    [...literals(false), ...literals(true), ...patterns].join(''),
  );
  const texts: string[] = [];
  const ways = new Map<string, number>();
  const seen = new Set<string>();
  let open: { readonly text: string; readonly states: readonly number[] }[] = [
    { text: '', states: walked.map(() => 0) },
  ];
  while (open.length > 0 && seen.size < maxStates) {
    const next: typeof open = [];
    for (const { text, states } of open) {
      if (allowed.accepts(states.at(-1)!)) {
        const way = [
          ...trees.map((tree, index) => tree.verdict(states[index]!)),
          ...regexes.map((one, index) => one.accepts(states[trees.length + index]!)),
        ].join();
        const count = ways.get(way) ?? 0;
        ways.set(way, count + 1);
        if (count < PER_WAY) texts.push(text);
      }
      for (const char of alphabet) {
        const after = walked.map((one, index) => one.step(states[index]!, char));
        const key = after.join();
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ text: text + char, states: after });
        if (seen.size >= maxStates) break;
      }
    }
    open = next;
  }
  return { texts, complete: open.length === 0 && found.length === regexes.length };
}

/** Domains are few and asked for often; what an automaton remembers of its states holds for all. */
const domains = new Map<string, Automaton>();
const MAX_DOMAINS = 64;

function domainAutomaton(domain: string): Automaton {
  let known = domains.get(domain);
  if (!known) {
    known = regexAutomaton(domain)!;
    if (domains.size >= MAX_DOMAINS) domains.clear();
    domains.set(domain, known);
  }
  return known;
}

/** What reads well comes first, as the first of its class stands for it. */
const LETTERS = [
  ...'xabcdefghijklmnopqrstuvwyz1023456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_.~/:;,=@+&%?#!$\'()*<>[]{}|^"`\\ ',
];

function lettersFor(walked: readonly Automaton[], literals: string): string[] {
  const classes = new Map<string, string>();
  for (const char of [...LETTERS, ...literals]) {
    const key = walked.map((one) => one.classOf(char)).join('\n');
    if (!classes.has(key)) classes.set(key, char);
  }
  return [...classes.values()];
}
