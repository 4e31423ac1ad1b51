import type { Span, SpanBatch } from '@clover/model';
import { describe, expect, test } from 'vitest';
import type { SpanBatchBuilder } from './builder.ts';
import { MalformedError } from './decode-error.ts';
import { SpanCounts } from './decode-result.ts';
import { createPipeline } from './queue.ts';
import type { Clock, PipelineLimits } from './queue-limits.ts';

const span: Span = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  parentSpanId: '',
  traceState: '',
  name: 'n',
  kind: 'server',
  startTimeUnixNano: 1_700_000_000_000_000_000n,
  durationNs: 1_000_000n,
  status: { code: 'unset', message: '' },
  attributes: {},
  events: [],
  links: [],
  resource: { attributes: { 'service.name': 's' } },
  scope: { name: '', version: '' },
};

function spans(count: number, name = 'n') {
  return (builder: SpanBatchBuilder): SpanCounts => {
    const counts = new SpanCounts();
    for (let i = 0; i < count; i++)
      counts.add(builder.appendSpan({ ...span, name: `${name}${i}` }, 'test'));
    return counts;
  };
}

/** Time that stands still until it is moved; timers fire when it passes them. */
function fakeClock(): Clock & {
  move(ms: number): void;
  timers: { at: number; run: () => void }[];
} {
  let now = 1_000_000;
  const timers: { at: number; run: () => void }[] = [];
  return {
    timers,
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    move(ms) {
      now += ms;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.run();
      }
    },
  };
}

/** A sink whose every write waits to be settled by the test. */
function manualSink() {
  const writes: { names: string[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    writes,
    writeSpans: (batch: SpanBatch) =>
      new Promise<void>((resolve, reject) => {
        const names = [...batch.columns.name].map((id) => batch.strings[id]!);
        writes.push({ names, resolve, reject });
      }),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function setup(limits: Partial<PipelineLimits> = {}) {
  const clock = fakeClock();
  const sink = manualSink();
  const pipeline = createPipeline({ sink, clock, limits });
  const outcome = (promise: Promise<unknown>) => {
    const state = { settled: false, error: undefined as unknown };
    promise.then(
      () => (state.settled = true),
      (error: unknown) => Object.assign(state, { settled: true, error }),
    );
    return state;
  };
  return { clock, sink, pipeline, outcome };
}

describe('createPipeline', () => {
  test('a small request waits for company, but not longer than the latency floor', async () => {
    const { clock, sink, pipeline, outcome } = setup({ latencyMs: 10 });
    const first = outcome(pipeline.submit(spans(1, 'a')));
    await turn();
    clock.move(9);
    const second = outcome(pipeline.submit(spans(1, 'b')));
    await turn();
    expect(sink.writes).toHaveLength(0);
    clock.move(1);
    expect(sink.writes.map(({ names }) => names)).toEqual([['a0', 'b0']]);
    await turn();
    expect(first.settled || second.settled).toBe(false);
    sink.writes[0]!.resolve();
    await turn();
    expect(first).toEqual({ settled: true, error: undefined });
    expect(second).toEqual({ settled: true, error: undefined });
  });

  test('many spans go out at once, and while they are written the next batch fills', async () => {
    const { clock, sink, pipeline } = setup({ eagerSpans: 3 });
    void pipeline.submit(spans(3, 'a'));
    await turn();
    expect(sink.writes).toHaveLength(1);
    void pipeline.submit(spans(3, 'b'));
    void pipeline.submit(spans(3, 'c'));
    await turn();
    clock.move(1000);
    expect(sink.writes).toHaveLength(1);
    sink.writes[0]!.resolve();
    await turn();
    expect(sink.writes).toHaveLength(2);
    expect(sink.writes[1]!.names).toHaveLength(6);
    expect(pipeline.stats()).toMatchObject({ pendingSpans: 6, inFlight: 1, insertedSpans: 3 });
  });

  test('after a slow insert a small batch gives the store a rest, up to the greatest latency', async () => {
    const { clock, sink, pipeline } = setup({ latencyMs: 10, restFactor: 2, maxLatencyMs: 200 });
    void pipeline.submit(spans(1));
    await turn();
    clock.move(10);
    clock.move(500);
    sink.writes[0]!.resolve();
    await turn();
    void pipeline.submit(spans(1));
    await turn();
    clock.move(199);
    expect(sink.writes).toHaveLength(1);
    clock.move(1);
    expect(sink.writes).toHaveLength(2);
  });

  test('a failing insert fails exactly its own requests', async () => {
    const { sink, pipeline, outcome } = setup({ eagerSpans: 1 });
    const first = outcome(pipeline.submit(spans(2, 'a')));
    await turn();
    const second = outcome(pipeline.submit(spans(2, 'b')));
    await turn();
    sink.writes[0]!.reject(new Error('disk full'));
    await turn();
    expect(first.error).toMatchObject({ code: 'collector.insert_failed', status: 503 });
    expect(second.settled).toBe(false);
    sink.writes[1]!.resolve();
    await turn();
    expect(second).toEqual({ settled: true, error: undefined });
    expect(pipeline.stats()).toMatchObject({ pendingSpans: 0, failedInserts: 1, insertedSpans: 2 });
  });

  test('what a decoder throws rejects that request alone and leaves no span', async () => {
    const { clock, sink, pipeline } = setup();
    void pipeline.submit(spans(1, 'a'));
    const bad = pipeline.submit((builder) => {
      spans(5, 'bad')(builder);
      throw new MalformedError('broken');
    });
    await expect(bad).rejects.toThrow('broken');
    void pipeline.submit(spans(1, 'b'));
    await turn();
    clock.move(10);
    expect(sink.writes[0]!.names).toEqual(['a0', 'b0']);
  });

  test('is full at its limit and has room again when the insert is done', async () => {
    const { sink, pipeline } = setup({ pendingSpans: 4, eagerSpans: 1 });
    const accepted = pipeline.submit(spans(4));
    await turn();
    expect(pipeline.isFull()).toBe(true);
    await expect(pipeline.submit(spans(1))).rejects.toMatchObject({
      code: 'collector.full',
      status: 429,
    });
    expect(pipeline.stats().refusedFull).toBe(1);
    sink.writes[0]!.resolve();
    await accepted;
    expect(pipeline.isFull()).toBe(false);
  });

  test('a request that does not fit goes into a fresh batch; one that fits none is too large', async () => {
    const { sink, pipeline } = setup({ batchSpans: 5, eagerSpans: 100 });
    void pipeline.submit(spans(4, 'a'));
    void pipeline.submit(spans(4, 'b'));
    await turn();
    expect(sink.writes.map(({ names }) => names.length)).toEqual([4]);
    await expect(pipeline.submit(spans(6))).rejects.toMatchObject({
      code: 'collector.request_too_large',
      status: 413,
    });
    sink.writes[0]!.resolve();
    await turn();
    expect(sink.writes[1]!.names).toEqual(['b0', 'b1', 'b2', 'b3']);
  });

  test('close writes what was accepted and takes no more', async () => {
    const { sink, pipeline } = setup();
    const accepted = pipeline.submit(spans(1));
    const closed = pipeline.close();
    await expect(pipeline.submit(spans(1))).rejects.toMatchObject({ code: 'collector.closed' });
    expect(sink.writes).toHaveLength(1);
    sink.writes[0]!.resolve();
    await Promise.all([accepted, closed]);
    await createPipeline({ sink }).close();
  });
});
