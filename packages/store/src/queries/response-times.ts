import type { ResponseTimesAnswer, Scope } from '@clover/model';
import type { Queryable } from '../store.ts';
import { isSampled, startMeta } from './meta.ts';
import { ask } from './question.ts';
import { redGroups, redOf } from './red.ts';
import { serviceRed } from './service-red.ts';

export interface ResponseTimesOptions {
  /** `service` when not given. */
  readonly by?: 'service' | 'operation' | 'version' | 'node' | undefined;
}

/** Response times of the server side per service, or per operation, version or instance of each; most requests first. */
export async function responseTimes(
  store: Queryable,
  scope: Scope,
  options: ResponseTimesOptions = {},
): Promise<ResponseTimesAnswer> {
  const meta = startMeta(store, scope);
  const by = options.by ?? 'service';
  const [question, rated] = await Promise.all([ask(store, scope), meta.ratedRange()]);
  const groups =
    by === 'service'
      ? (await serviceRed(store, question)).flatMap((one) =>
          one.server ? [{ ...one.server, values: [one.service, one.service] }] : [],
        )
      : await redGroups(store, question, { keys: ['service', by], side: 'server' });
  return {
    meta: await meta.finish({ sampled: isSampled(groups) }),
    items: groups.map((group) => ({
      service: group.values[0] as string,
      key: group.values[1] as string,
      ...redOf(group, rated),
    })),
  };
}
