import { expect, it } from 'vitest';
import { keepRunning } from './keep-running.ts';

/** A part that can be ended, and whose next starts fail; everything that happens is listed. */
function part() {
  const seen: string[] = [];
  const state: { failing: number; end: (detail: string) => void } = { failing: 0, end() {} };
  const log = (level: string) => (fields: object, message?: string) =>
    void seen.push(`${level} ${message}: ${(fields as { detail: string }).detail}`);
  const start = async (onEnd: (detail: string) => void) => {
    if (state.failing > 0) {
      state.failing--;
      throw new Error('does not start');
    }
    seen.push('runs');
    state.end = onEnd;
    return { close: async () => void seen.push('closed') };
  };
  const options = { what: 'it', logger: { warn: log('warn'), error: log('error') }, retryMs: 0 };
  return { seen, state, start, options };
}
const AGAIN = 'warn it ended, and is started again';

it('starts again what ended unasked, also when that takes several tries, and closes what runs', async () => {
  const { seen, state, start, options } = part();
  const kept = await keepRunning(start, { ...options, tries: 3 });
  state.failing = 1;
  state.end('SIGTERM');
  await expect.poll(() => seen.filter((one) => one === 'runs')).toHaveLength(2);
  await kept.close();
  expect(seen).toEqual(['runs', `${AGAIN}: SIGTERM`, `${AGAIN}: does not start`, 'runs', 'closed']);
});

it('gives up what ends again and again, and has nothing to close then', async () => {
  const { seen, state, start, options } = part();
  const kept = await keepRunning(start, { ...options, tries: 2 });
  state.failing = Infinity;
  state.end('SIGTERM');
  await expect.poll(() => seen.at(-1)).toMatch(/^error/);
  await kept.close();
  expect(seen).toEqual([
    'runs',
    `${AGAIN}: SIGTERM`,
    `${AGAIN}: does not start`,
    'error it ended, and is not started again: does not start',
  ]);
});

it('begins a new row of tries when it has run for long', async () => {
  const { seen, state, start, options } = part();
  const kept = await keepRunning(start, { ...options, tries: 1, steadyMs: -1 });
  for (let turn = 1; turn <= 3; turn++) {
    state.end('SIGTERM');
    await expect.poll(() => seen.filter((one) => one === 'runs')).toHaveLength(turn + 1);
  }
  await kept.close();
  expect(seen.filter((one) => one.startsWith('error'))).toEqual([]);
});

it('does not start again what ends while it is closed', async () => {
  const { seen, state, start, options } = part();
  const kept = await keepRunning(start, options);
  state.end('SIGTERM');
  await kept.close();
  state.end('SIGTERM');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['runs', `${AGAIN}: SIGTERM`]);
});

it('says so when it does not start the first time', async () => {
  const { state, start, options } = part();
  state.failing = 1;
  await expect(keepRunning(start, options)).rejects.toThrow('does not start');
});

it('starts one again that ended while it was being started, once', async () => {
  const { seen, start, options } = part();
  let turn = 0;
  const kept = keepRunning(
    async (onEnd) => {
      turn++;
      if (turn === 2 || turn === 3) onEnd(`ended early ${turn}`);
      if (turn === 3) throw new Error('and did not start');
      const one = await start(onEnd);
      if (turn === 1) setImmediate(() => onEnd('ended'));
      return one;
    },
    { ...options, tries: 9 },
  );
  await expect.poll(() => turn).toBe(4);
  await (await kept).close();
  expect(seen).toEqual([
    'runs',
    `${AGAIN}: ended`,
    'runs',
    'closed',
    `${AGAIN}: ended early 2`,
    `${AGAIN}: and did not start`,
    'runs',
    'closed',
  ]);
});

it('does not start again what ended at its first start', async () => {
  const { seen, start, options } = part();
  const kept = keepRunning(async (onEnd) => {
    onEnd('ended early');
    return start(onEnd);
  }, options);
  await expect(kept).rejects.toThrow('ended early');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(seen).toEqual(['runs', 'closed']);
});
