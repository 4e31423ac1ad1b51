// Any query of an answer may fail, or its client go away: the answer is a problem, and no rejection is
// left without somebody who takes it, which would end the process.

import { setImmediate as turn } from 'node:timers/promises';
import { CloverError } from '@clover/model';
import type { Store } from '@clover/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../src/app.ts';
import { type RealApp, startRealApp } from './support/real-app.ts';

const REQUIRED: Readonly<Record<string, string>> = {
  '/metrics/series': 'metric=up',
  '/attributes/values': 'key=url',
  '/explain': 'filter=status=error',
};
const GETS = ENDPOINTS.filter((one) => one.method === 'GET' && !one.path.includes(':')).map(
  ({ path }) => `/api/v1${path}?since=15m&${REQUIRED[path] ?? ''}`,
);

describe('a query that fails', () => {
  let real: RealApp;
  let asked = 0;
  let failing = 0;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  beforeAll(async () => {
    real = await startRealApp((store) => ({ store: sometimesFailing(store) }));
    process.on('unhandledRejection', note);
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await real?.close();
  });

  /** The store, but its query number `failing` since `asked` was set to 0 fails before it is asked. */
  function sometimesFailing(store: Store): Store {
    return {
      ...store,
      select: async <Row>(...query: Parameters<Store['select']>) => {
        asked++;
        if (asked === failing) throw new CloverError('test.gone', 'gone', { status: 499 });
        return store.select<Row>(...query);
      },
    };
  }

  it.each(GETS)('is a problem and nothing worse: %s', async (url) => {
    unhandled.length = 0;
    asked = 0;
    failing = 0;
    const whole = await real.app.inject(url);
    const queries = asked;
    for (failing = 1; failing <= queries; failing++) {
      asked = 0;
      const { statusCode } = await real.app.inject(url);
      await turn();
      expect([whole.statusCode, 499], `query ${failing} of ${queries}`).toContain(statusCode);
      expect(unhandled).toEqual([]);
    }
  });
});
