import { expect, it } from 'vitest';
import { SessionQueue } from './session-queue.ts';

/** Calls that end when they are told to, and the order in which they began. */
function calls(queue: SessionQueue<string>) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    call: (name: string, heavy = false) =>
      queue.run(
        () => {
          begun.push(name);
          return new Promise<void>((resolve) => ends.set(name, resolve));
        },
        { heavy },
      ),
    end: async (name: string) => {
      ends.get(name)!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it('runs heavy calls on all sessions but one, and lets the others pass', async () => {
  const queue = new SessionQueue(['a', 'b'], 10);
  const { begun, call, end } = calls(queue);
  void call('heavy 1', true);
  void call('heavy 2', true);
  void call('light 1');
  void call('light 2');
  expect(begun).toEqual(['heavy 1', 'light 1']);
  await end('light 1');
  expect(begun).toEqual(['heavy 1', 'light 1', 'light 2']);
  await end('heavy 1');
  expect(begun).toEqual(['heavy 1', 'light 1', 'light 2', 'heavy 2']);
  await end('light 2');
  await end('heavy 2');
  await queue.drain();
});

it('runs heavy calls too where there is one session, in their order', async () => {
  const queue = new SessionQueue(['a'], 10);
  const { begun, call, end } = calls(queue);
  void call('light');
  void call('heavy', true);
  void call('last');
  for (const name of ['light', 'heavy', 'last']) await end(name);
  expect(begun).toEqual(['light', 'heavy', 'last']);
  await queue.drain();
});

it('counts those that wait, and takes one that is aborted out of the queue', async () => {
  const queue = new SessionQueue(['a'], 1);
  const { call, end } = calls(queue);
  void call('first');
  const abort = new AbortController();
  const waiting = queue.run(async () => 'never', { signal: abort.signal });
  await expect(queue.run(async () => 'too many')).rejects.toMatchObject({
    code: 'store.too_many_queries',
  });
  abort.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await end('first');
  expect(await queue.run(async () => 'runs')).toBe('runs');
});
