import {
  CloverError,
  parseFilter,
  parseTimeMs,
  type CompareAnswer,
  type Filter,
  type Scope,
} from '@clover/model';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';
import { assembleEdges } from './assemble-edges.ts';
import { changesBetween } from './compare-changes.ts';
import { effectiveSide } from './effective-side.ts';
import { edgeGroups } from './edge-groups.ts';
import { explanations } from './explanations.ts';
import { latencyBins } from './latency-histogram.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { queryParams } from './query-params.ts';
import { redGroups, redOf, sumGroups, type RedGroup } from './red.ts';
import { keyScopes } from './key-scopes.ts';
import { sideCondition, type Side } from './sides.ts';
import { whereClause } from './where.ts';

export interface CompareOptions {
  readonly aStart?: string | undefined;
  readonly aEnd?: string | undefined;
  readonly aVersion?: string | undefined;
  readonly aFilter?: readonly string[] | undefined;
  readonly bStart?: string | undefined;
  readonly bEnd?: string | undefined;
  readonly bVersion?: string | undefined;
  readonly bFilter?: readonly string[] | undefined;
  readonly nowMs?: number | undefined;
}

/**
 * Two sides of a scope over all their spans: what changed in rate, errors and latency, which edges are
 * new or gone, and which attribute values set B apart. When nothing tells the sides apart, A is the
 * window of the same length before. Throws CloverError `compare.empty_range` and those of filters and times.
 */
export async function compare(
  source: Queryable,
  scope: Scope,
  options: CompareOptions = {},
): Promise<CompareAnswer> {
  const store = askedOnce(source);
  const { a, b } = comparedScopes(scope, options);
  const sides = [
    await effectiveSide(store, a, 'server'),
    await effectiveSide(store, b, 'server'),
  ] as const;
  const { side, notes } = sides.find((one) => one.side === 'all') ?? sides[0];
  const [sideA, sideB] = await Promise.all([
    readSide(store, a, side, labelOf(a, b, options.aVersion)),
    readSide(store, b, side, labelOf(b, a, options.bVersion)),
  ]);
  // Against nothing everything is different: that is no finding.
  const comparable = sideA.whole !== undefined && sideB.whole !== undefined;
  const explained = await explainSides(store, a, b, side);
  return {
    a: sideA.answer,
    b: sideB.answer,
    changes: comparable ? changesBetween(sideA, sideB) : [],
    newEdges: comparable ? edgesOnlyIn(sideB.edges, sideA.edges) : [],
    vanishedEdges: comparable ? edgesOnlyIn(sideA.edges, sideB.edges) : [],
    explains: explained.items,
    histogram: { buckets: sharedHistogram(sideA.whole, sideB.whole) },
    notes: [
      ...(sideA.whole ? [] : ['A has no requests in its range: nothing is compared']),
      ...(sideB.whole ? [] : ['B has no requests in its range: nothing is compared']),
      ...notes,
      ...explained.notes,
      ...(overlap(a, b)
        ? ['the two sides may share spans: they overlap in time and have the same filters']
        : []),
    ],
  };
}

/** The two scopes that the options name. */
export function comparedScopes(scope: Scope, options: CompareOptions): { a: Scope; b: Scope } {
  const nowMs = options.nowMs ?? scope.endMs;
  const of = (
    start: string | undefined,
    end: string | undefined,
    version: string | undefined,
    filters: readonly string[] | undefined,
  ): Scope => {
    const own: Filter[] = (filters ?? []).map(parseFilter);
    if (version !== undefined) own.push({ key: 'version', operator: '=', value: version });
    const startMs = start === undefined ? scope.startMs : parseTimeMs(start, nowMs);
    const endMs = end === undefined ? scope.endMs : parseTimeMs(end, nowMs);
    if (startMs >= endMs) {
      throw new CloverError('compare.empty_range', 'a compared time range is empty', {
        hint: 'check aStart, aEnd, bStart and bEnd',
        status: 400,
      });
    }
    return { startMs, endMs, filters: [...scope.filters, ...own] };
  };
  const a = of(options.aStart, options.aEnd, options.aVersion, options.aFilter);
  const b = of(options.bStart, options.bEnd, options.bVersion, options.bFilter);
  if (JSON.stringify(a) !== JSON.stringify(b)) return { a, b };
  const length = a.endMs - a.startMs;
  return { a: { ...a, startMs: a.startMs - length, endMs: a.startMs }, b };
}

interface ReadSide {
  readonly answer: CompareAnswer['a'];
  readonly groups: readonly RedGroup[];
  readonly whole: RedGroup | undefined;
  readonly edges: ReturnType<typeof assembleEdges>;
  /** What its rates are over. */
  readonly seconds: number;
}

async function readSide(
  store: Queryable,
  scope: Scope,
  side: Side,
  label: string,
): Promise<ReadSide> {
  const meta = startMeta(store, scope);
  const [byOperation, calls, rated] = await Promise.all([
    ask(store, scope).then((question) =>
      redGroups(store, question, { keys: ['service', 'operation'], side }),
    ),
    ask(store, scope).then((question) => edgeGroups(store, question)),
    meta.ratedRange(),
  ]);
  const byService = [...new Set(byOperation.map((group) => group.values[0] as string))].map(
    (service) =>
      sumGroups(
        byOperation.filter((group) => group.values[0] === service),
        [service],
      ) as RedGroup,
  );
  const whole = sumGroups(byService);
  return {
    answer: {
      label,
      meta: await meta.finish({ sampled: isSampled(byService) }),
      red: redOf(whole, rated),
      spans: whole?.spans ?? 0,
    },
    groups: [...byService, ...byOperation],
    whole,
    edges: assembleEdges(calls, rated),
    seconds: (rated.endMs - rated.startMs) / 1000,
  };
}

async function explainSides(store: Queryable, a: Scope, b: Scope, side: Side) {
  const keys = await keyScopes(
    store,
    [...a.filters, ...b.filters].map((filter) => filter.key),
  );
  const params = queryParams();
  return explanations(store, {
    spans: 'spans FINAL',
    a: `${whereClause(a, params, keys)} AND ${sideCondition(side)}`,
    b: `${whereClause(b, params, keys)} AND ${sideCondition(side)}`,
    params,
  });
}

function edgesOnlyIn(
  edges: ReturnType<typeof assembleEdges>,
  others: ReturnType<typeof assembleEdges>,
): CompareAnswer['newEdges'] {
  const known = new Set(others.map((edge) => JSON.stringify([edge.from, edge.to])));
  return edges
    .filter((edge) => !known.has(JSON.stringify([edge.from, edge.to])))
    .map(({ from, to, requests }) => ({ from, to, requests }));
}

function sharedHistogram(
  a: RedGroup | undefined,
  b: RedGroup | undefined,
): CompareAnswer['histogram']['buckets'] {
  const bins = latencyBins([...(a?.sketch.buckets ?? []), ...(b?.sketch.buckets ?? [])]);
  const buckets = bins.edges.map((edge) => ({ ...edge, a: 0, b: 0 }));
  for (const [name, group] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (const [i, bucket] of (group?.sketch.buckets ?? []).entries())
      buckets[bins.indexOf(bucket)]![name] += group!.sketch.weights[i]!;
  return buckets;
}

function labelOf(scope: Scope, other: Scope, version: string | undefined): string {
  if (version !== undefined) return `version ${version}`;
  const own = scope.filters.filter(
    (filter) => !other.filters.some((o) => JSON.stringify(o) === JSON.stringify(filter)),
  );
  if (own.length > 0) return own.map((f) => `${f.key}${f.operator}${f.value}`).join(' ');
  return `${new Date(scope.startMs).toISOString()} – ${new Date(scope.endMs).toISOString()}`;
}

function overlap(a: Scope, b: Scope): boolean {
  return (
    a.startMs < b.endMs &&
    b.startMs < a.endMs &&
    JSON.stringify(a.filters) === JSON.stringify(b.filters)
  );
}
