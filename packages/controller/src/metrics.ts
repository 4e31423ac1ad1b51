// The process's own metrics in Prometheus' text format.

import type { Signal, SourcesAnswer } from '@clover/model';
import type { PipelineStats } from '@clover/collector';
import { labelText } from './span-metrics/exposition.ts';

export interface OwnFigures {
  readonly version: string;
  readonly sources: SourcesAnswer;
  readonly pipeline: PipelineStats;
  readonly metricQueue: {
    readonly pendingPoints: number;
    readonly limitPoints: number;
    readonly inserts: number;
    readonly failedInserts: number;
  };
  readonly eventListeners: number;
  readonly startedAt: Date;
}

/** Counters since the process started. */
export function ownMetrics(figures: OwnFigures): string {
  const { sources, pipeline, metricQueue } = figures;
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const out: string[] = [];
  const family = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    rows: readonly (readonly [Record<string, string>, number])[],
  ) => {
    out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of rows) out.push(`${name}${labelText(labels)} ${value}`);
  };
  const one = (name: string, type: 'counter' | 'gauge', help: string, value: number) =>
    family(name, type, help, [[{}, value]]);
  family('clover_build_info', 'gauge', 'Version of this process.', [
    [{ version: figures.version, node: process.version }, 1],
  ]);
  family(
    'clover_receiver_accepted_spans_total',
    'counter',
    'Spans that are durable in the store.',
    sources.items.map((s) => [{ source: s.id }, s.acceptedSpans]),
  );
  family(
    'clover_receiver_accepted_points_total',
    'counter',
    'Metric points that are durable in the store.',
    sources.items.map((s) => [{ source: s.id }, s.acceptedPoints]),
  );
  const refused = (of: Signal) =>
    sources.items.flatMap((s) =>
      s.refused
        .filter(({ signal }) => signal === of)
        .map(({ reason, count }) => [{ source: s.id, reason }, count] as const),
    );
  family(
    'clover_receiver_refused_spans_total',
    'counter',
    'Spans refused, by reason; a request that could not be read counts as one.',
    refused('traces'),
  );
  family(
    'clover_receiver_refused_points_total',
    'counter',
    'Metric points refused, by reason; a request that could not be read counts as one.',
    refused('metrics'),
  );
  family(
    'clover_source_up',
    'gauge',
    '1 when the source is up, 0 when it is idle or down.',
    sources.items.map((s) => [{ source: s.id }, s.state === 'up' ? 1 : 0]),
  );
  one(
    'clover_pipeline_pending_spans',
    'gauge',
    'Spans accepted and not yet durable.',
    pipeline.pendingSpans,
  );
  one(
    'clover_pipeline_limit_spans',
    'gauge',
    'Pending spans at which requests are refused.',
    pipeline.limitSpans,
  );
  one('clover_pipeline_inserted_spans_total', 'counter', 'Spans inserted.', pipeline.insertedSpans);
  one('clover_pipeline_inserts_total', 'counter', 'Inserts begun.', pipeline.inserts);
  one(
    'clover_pipeline_failed_inserts_total',
    'counter',
    'Inserts that failed; their requests were told to try again.',
    pipeline.failedInserts,
  );
  one(
    'clover_pipeline_refused_full_total',
    'counter',
    'Requests refused because the queue was full.',
    pipeline.refusedFull,
  );
  histogram(out, 'clover_pipeline_insert_seconds', 'Time of an insert.', pipeline.insertMs, 1000);
  one(
    'clover_metric_queue_pending_points',
    'gauge',
    'Metric points accepted and not yet durable.',
    metricQueue.pendingPoints,
  );
  one(
    'clover_metric_queue_failed_inserts_total',
    'counter',
    'Inserts of metric points that failed.',
    metricQueue.failedInserts,
  );
  one('clover_event_listeners', 'gauge', 'Open streams of live events.', figures.eventListeners);
  one('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory.rss);
  one('process_cpu_seconds_total', 'counter', 'CPU time used.', (cpu.user + cpu.system) / 1e6);
  one(
    'process_start_time_seconds',
    'gauge',
    'When the process started.',
    figures.startedAt.getTime() / 1000,
  );
  return `${out.join('\n')}\n`;
}

function histogram(
  out: string[],
  name: string,
  help: string,
  value: PipelineStats['insertMs'],
  scale: number,
): void {
  out.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
  let total = 0;
  value.bounds.forEach((bound, index) => {
    total += value.counts[index] ?? 0;
    out.push(`${name}_bucket{le="${bound / scale}"} ${total}`);
  });
  out.push(
    `${name}_bucket{le="+Inf"} ${value.count}`,
    `${name}_sum ${value.sum / scale}`,
    `${name}_count ${value.count}`,
  );
}
