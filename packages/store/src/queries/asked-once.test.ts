import { expect, test } from 'vitest';
import type { Queryable } from '../store.ts';
import { askedOnce } from './asked-once.ts';

test('a statement runs once for its values, a heavy one each time', async () => {
  const run: string[] = [];
  const engine: Queryable = {
    async select<Row>(sql: string, params = {}) {
      run.push(`${sql} ${JSON.stringify(params)}`);
      return [{ n: run.length }] as Row[];
    },
  };
  const store = askedOnce(engine);
  const [a, b] = await Promise.all([store.select('a', { x: 1 }), store.select('a', { x: 1 })]);
  expect(a).toBe(b);
  expect(await store.select('a', { x: 1 })).toBe(a);
  await store.select('a', { x: 2 });
  await store.select('a');
  await store.select('h', {}, { heavy: true });
  await store.select('h', {}, { heavy: true });
  expect(run).toEqual(['a {"x":1}', 'a {"x":2}', 'a {}', 'h {}', 'h {}']);
});

test('what failed, failed for all of the answer', async () => {
  let times = 0;
  const store = askedOnce({
    async select() {
      times++;
      throw new Error('no');
    },
  });
  await expect(store.select('a')).rejects.toThrow('no');
  await expect(store.select('a')).rejects.toThrow('no');
  expect(times).toBe(1);
});
