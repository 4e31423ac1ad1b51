import type { EdgesAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { assembleEdges } from './assemble-edges.ts';
import { edgeGroups } from './edge-groups.ts';
import { startMeta } from './meta.ts';
import { ask } from './question.ts';

/** The calls between services with rate, errors and both sides' latency, most requests first. */
export async function edges(store: Queryable, scope: Scope): Promise<EdgesAnswer> {
  const meta = startMeta(store, scope);
  const [groups, rated] = await Promise.all([
    ask(store, scope).then((question) => edgeGroups(store, question)),
    meta.ratedRange(),
  ]);
  return { meta: await meta.finish(), items: assembleEdges(groups, rated) };
}
