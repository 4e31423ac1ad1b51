// Watches what goes into the store: live figures, services seen for the first time, ranges that changed.

import { batchText, isFailed, type SpanBatch } from '@clover/model';
import type { SpanSink } from '@clover/collector';
import type { EventHub } from '../events/event-hub.ts';
import type { SpanMetrics } from '../span-metrics/span-metrics.ts';

export interface SpanTap extends SpanSink {
  /** Server-side requests and failures among them per second since the last call. */
  takeRates(nowMs: number): { requestsPerSecond: number; errorsPerSecond: number };
}

const SERVER = 2;
const CONSUMER = 5;
const INBOUND = 1;
const KNOWN_SERVICES = 10_000;

export function createSpanTap(sink: SpanSink, events: EventHub, metrics?: SpanMetrics): SpanTap {
  const services = new Set<string>();
  let requests = 0;
  let errors = 0;
  let since = Date.now();

  function note(batch: SpanBatch): void {
    let first = batch.startTimesUnixNano[0]!;
    let last = first;
    for (let row = 0; row < batch.count; row++) {
      const start = batch.startTimesUnixNano[row]!;
      if (start < first) first = start;
      else if (start > last) last = start;
      const kind = batch.kinds[row];
      if (kind !== SERVER && kind !== CONSUMER && batch.directions[row] !== INBOUND) continue;
      requests += batch.sampleWeights[row]!;
      const failed = isFailed({
        kind: kind!,
        direction: batch.directions[row]!,
        status: batch.statusCodes[row]!,
        httpStatus: batch.httpStatusCodes[row]!,
      });
      if (failed) errors += batch.sampleWeights[row]!;
    }
    const seen = new Uint8Array(batch.utf8?.ends.length ?? batch.strings.length);
    const column = batch.columns.service;
    for (let row = 0; row < batch.count; row++) {
      const id = column[row]!;
      if (seen[id] === 1) continue;
      seen[id] = 1;
      const service = batchText(batch, id);
      if (services.has(service) || services.size >= KNOWN_SERVICES) continue;
      services.add(service);
      events.publish({ type: 'service', service });
    }
    events.publish({
      type: 'data',
      startMs: Number(first / 1_000_000n),
      endMs: Number(last / 1_000_000n) + 1,
      spans: batch.count,
    });
  }

  return {
    async writeSpans(batch) {
      if (batch.count === 0) return;
      await sink.writeSpans(batch);
      note(batch);
      metrics?.note(batch, Date.now());
    },
    takeRates(nowMs) {
      const seconds = Math.max(0.001, (nowMs - since) / 1000);
      const rates = { requestsPerSecond: requests / seconds, errorsPerSecond: errors / seconds };
      requests = 0;
      errors = 0;
      since = nowMs;
      return rates;
    },
  };
}
