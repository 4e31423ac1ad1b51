import type { Meta } from '@clover/model';

/** An answer whose `items` are at most `limit`, and whose meta says what was left out. */
export function cutAt<Answer extends { readonly items: readonly unknown[] }>(
  answer: Answer,
  limit: number | undefined,
): Answer {
  const { items, meta } = answer as { items: readonly unknown[]; meta?: Meta };
  if (limit === undefined || !meta || items.length <= limit) return answer;
  return {
    ...answer,
    items: items.slice(0, limit),
    meta: { ...meta, cut: { shown: limit, total: meta.cut?.total ?? items.length } },
  };
}
