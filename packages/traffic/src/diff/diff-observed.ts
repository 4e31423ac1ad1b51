// How many of the recorded requests would meet something else, and which.

import { decideSeen, type AbsentHeaders, type HeaderKnowledge } from '../explain/decide-seen.ts';
import { decisionLine, type DecisionLine } from '../explain/decision-line.ts';
import type { CallerFinder } from '../explain/find-caller.ts';
import type { Caller, TrafficRequest } from '../request.ts';
import { evidenceOf, requestOfObserved, type ObservedRequests } from '../verify/observed.ts';
import type { DiffSide } from './diff-tables.ts';
import { effectOfLine, type Effect } from './effect.ts';
import { tellChanges, type Change } from './tell-changes.ts';

export interface ObservedChange {
  /** Name of the service that sent them; of the gateway. */
  readonly client: string;
  readonly version: string;
  /** `GET http://host/path`, without the query. */
  readonly url: string;
  readonly before: DecisionLine;
  readonly after: DecisionLine;
  readonly changes: readonly Change[];
  readonly requests: number;
  readonly traces: readonly string[];
}

export interface ObservedDiff {
  readonly requests: number;
  readonly changed: number;
  /** A rule looks at a header that nobody recorded, and the answer depends on it. */
  readonly undecided: number;
  readonly undecidedHeaders: readonly string[];
  /** Most first. */
  readonly items: readonly ObservedChange[];
}

const TRACES = 10;

export function diffObserved(
  before: DiffSide & { readonly finder: CallerFinder },
  after: DiffSide,
  observed: readonly (ObservedRequests & { readonly service: string })[],
  absent?: AbsentHeaders,
): ObservedDiff {
  const items = new Map<string, ObservedChange & { requests: number; traces: string[] }>();
  const headers = new Set<string>();
  let [requests, changed, undecided] = [0, 0, 0];
  for (const one of observed) {
    requests += one.spans;
    const { caller, request } = requestOfObserved(before.finder, one);
    const knowledge = { absent, evidence: evidenceOf(one) };
    const result = compare({ before, after, caller, request }, knowledge);
    if (result === 'same') continue;
    if ('unseen' in result) {
      undecided += one.spans;
      for (const name of result.unseen) headers.add(name);
      continue;
    }
    changed += one.spans;
    const url = `${one.method} ${one.scheme}://${one.host}${one.path.replace(/\?.*/, '')}`;
    const changes = tellChanges(result.before, result.after);
    const key = JSON.stringify([one.service, one.version, url, changes]);
    const known = items.get(key);
    if (known) {
      known.requests += one.spans;
      for (const trace of one.traces)
        if (known.traces.length < TRACES && !known.traces.includes(trace)) known.traces.push(trace);
    } else
      items.set(key, {
        client: one.service,
        version: one.version,
        url,
        before: result.before.line,
        after: result.after.line,
        changes,
        requests: one.spans,
        traces: [...one.traces],
      });
  }
  return {
    requests,
    changed,
    undecided,
    undecidedHeaders: [...headers],
    items: [...items.values()].toSorted((a, b) => b.requests - a.requests),
  };
}

interface Compared {
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly caller: Caller;
  readonly request: TrafficRequest;
}

function compare(
  { before, after, caller, request }: Compared,
  knowledge: HeaderKnowledge,
): 'same' | { unseen: readonly string[] } | { before: Effect; after: Effect } {
  const sides = [before, after].map((side) => {
    const { possible, unseen, asks } = decideSeen(side.table, caller, request, knowledge);
    const effects = possible.map((one) =>
      effectOfLine(side.table, caller, decisionLine(one, request)),
    );
    return { effects, unseen, way: JSON.stringify([asks, effects.map((one) => one.key)]) };
  });
  const [old, young] = sides as [(typeof sides)[0], (typeof sides)[0]];
  // The same questions with the same answers lead to the same, whatever the headers were.
  if (old.way === young.way) return 'same';
  const keys = (side: (typeof sides)[0]) => new Set(side.effects.map((one) => one.key));
  const [from, to] = [keys(old), keys(young)];
  if (from.size === 1 && to.size === 1)
    return [...from][0] === [...to][0]
      ? 'same'
      : { before: old.effects[0]!, after: young.effects[0]! };
  return { unseen: [...new Set([...old.unseen, ...young.unseen])] };
}
