import type { OperationsAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { redGroups, redOf, type RedGroup } from './red.ts';

/** At most this many rows; `meta.cut` tells when there were more. */
const LIMIT = 2000;

/**
 * Operations of the scope's services, most requests first: server-side spans, and for services whose
 * spans have no server side (clients, instrumentation without kinds) all their spans.
 */
export async function operations(store: Queryable, scope: Scope): Promise<OperationsAnswer> {
  const meta = startMeta(store, scope);
  const question = await ask(store, scope);
  const keys = ['service', 'operation', 'kind'] as const;
  const [server, all, rated] = await Promise.all([
    redGroups(store, question, { keys, side: 'server' }),
    redGroups(store, question, { keys, side: 'all' }),
    meta.ratedRange(),
  ]);
  const withServer = new Set(server.map((group) => group.values[0]));
  const groups = [...server, ...all.filter((group) => !withServer.has(group.values[0]))].toSorted(
    (a, b) => b.requests - a.requests || compareKeys(a, b),
  );
  return {
    meta: await meta.finish({
      sampled: isSampled(groups),
      cut: { shown: Math.min(groups.length, LIMIT), total: groups.length },
    }),
    items: groups.slice(0, LIMIT).map((group) => ({
      service: group.values[0] as string,
      operation: group.values[1] as string,
      kind: group.values[2] as string,
      ...redOf(group, rated),
    })),
  };
}

function compareKeys(a: RedGroup, b: RedGroup): number {
  return a.values.join('\0') < b.values.join('\0') ? -1 : 1;
}
