// What is tracked and pulled: kept in the store, so that a restart goes on with it.

import {
  createJaegerPull,
  createPrometheusPull,
  createSpanWriter,
  type JaegerPull,
  type PrometheusPull,
} from '@clover/collector';
import {
  CloverError,
  type TrackedSettings,
  type VisibilitySet,
  type VisibilityStart,
  type VisibilityStatus,
} from '@clover/model';
import type { Store } from '@clover/store';
import type { Logger } from 'pino';
import type { Visibility } from '../deps.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Collection } from '../process/collect.ts';
import { createGapRecorder, gapNotKept, type GapRecorder } from './gap-recorder.ts';
import { trackedServices } from './tracked-services.ts';

interface Settings {
  readonly initialized: boolean;
  readonly start: VisibilityStart | null;
  readonly running: boolean;
  readonly startedAt: string | null;
  readonly services: readonly string[];
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly customMetrics: readonly string[];
}

const KEY = 'visibility';
const EMPTY: Settings = {
  initialized: false,
  start: null,
  running: false,
  startedAt: null,
  services: [],
  prefixes: [],
  suffixes: [],
  customMetrics: [],
};
/** The original's ports, for files that name a host only. */
const JAEGER_PORT = 16686;
const PROMETHEUS_PORT = 9090;

export interface RunningVisibility extends Visibility {
  pulls(): {
    readonly jaeger: JaegerPull | undefined;
    readonly prometheus: PrometheusPull | undefined;
  };
  /** Pulls from companions of this process for as long as it lives; the settings that are kept stay. */
  borrow(start: VisibilityStart, tracked: VisibilitySet): Promise<void>;
  close(): Promise<void>;
}

/** Restores the settings of an earlier run, and its pulls when they were running. */
export async function createVisibility(
  store: Store,
  collection: Collection,
  events: EventHub,
  options: { readonly logger: Pick<Logger, 'warn'> },
): Promise<RunningVisibility> {
  const onError = gapNotKept(options.logger);
  let settings: Settings = { ...EMPTY, ...(await store.getState<Settings>(KEY)) };
  let jaeger: JaegerPull | undefined;
  let prometheus: PrometheusPull | undefined;
  const gaps: GapRecorder[] = [];
  /** What is kept while borrowed settings are in force. */
  let kept: Settings | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  }

  async function keep(changes: Partial<Settings>): Promise<VisibilityStatus> {
    settings = { ...settings, ...changes };
    // Starting or stopping ends what was borrowed: from then on the user's word counts.
    if ('running' in changes) kept = undefined;
    if (kept) kept = { ...kept, ...changes };
    await store.putState(KEY, kept ?? settings);
    events.publish({ type: 'visibility' });
    return status();
  }

  async function stopPulls(): Promise<void> {
    const closing = [jaeger, prometheus].flatMap((pull) => (pull ? [pull.close()] : []));
    jaeger = undefined;
    prometheus = undefined;
    await Promise.all(closing);
    await Promise.all(gaps.splice(0).map((one) => one.close()));
  }

  /** The metrics to pull: of all services that are known, when none is named. */
  const trackedMetrics = async (): Promise<TrackedSettings> => ({
    ...settings,
    services: await trackedServices(store, status()),
  });

  async function startPulls(start: VisibilityStart): Promise<void> {
    const intervalMs = start.sample_interval * 1000;
    if (start.t_host !== undefined) {
      const { meters, pipeline } = collection;
      const missed = createGapRecorder({ store, source: 'jaeger', signal: 'traces', onError });
      gaps.push(missed);
      jaeger = createJaegerPull({
        url: urlOf(start.t_host, start.t_port ?? JAEGER_PORT),
        intervalMs,
        services: settings.services,
        state: store,
        writeSpans: createSpanWriter(pipeline, 'jaeger'),
        onSpans({ spans, newestUnixMs, refused }) {
          meters.jaeger.accept({ spans, newestUnixMs });
          for (const { reason, count } of refused) meters.jaeger.refuse(reason, count, reason);
        },
        onPull: (status) => missed.note(status),
        onChange: ({ state, detail }) =>
          events.publish({ type: 'source', id: 'jaeger', state, detail }),
      });
      jaeger.start();
    }
    if (start.m_host !== undefined) {
      const missed = createGapRecorder({
        store,
        source: 'prometheus',
        signal: 'metrics',
        onError,
      });
      gaps.push(missed);
      prometheus = createPrometheusPull({
        url: urlOf(start.m_host, start.m_port ?? PROMETHEUS_PORT),
        intervalMs,
        tracked: await trackedMetrics(),
        state: store,
        writeMetrics: collection.metrics.submit,
        onPoints: ({ points, newestUnixMs }) =>
          collection.meters.prometheus.accept({ points, newestUnixMs }),
        onPull: (status) => missed.note(status),
        onChange: ({ state, detail }) =>
          events.publish({ type: 'source', id: 'prometheus', state, detail }),
      });
      prometheus.start();
    }
  }

  function status(): VisibilityStatus {
    const pulled = (pull: JaegerPull | PrometheusPull | undefined) => {
      const one = pull?.status();
      if (!one)
        return { url: null, state: 'off' as const, detail: 'not pulled', completeness: null };
      return {
        url: one.url,
        state: one.state,
        detail: one.incomplete || one.detail,
        completeness: one.completeness,
      };
    };
    return {
      initialized: settings.initialized,
      running: settings.running,
      sampleIntervalSeconds: settings.start?.sample_interval ?? 2,
      jaeger: pulled(jaeger),
      prometheus: pulled(prometheus),
      services: [...settings.services],
      prefixes: [...settings.prefixes],
      suffixes: [...settings.suffixes],
      customMetrics: [...settings.customMetrics],
      startedAt: settings.startedAt,
    };
  }

  if (settings.running && settings.start) await startPulls(settings.start);
  events.observe((event) => {
    if (event.type !== 'service' || settings.services.length > 0 || !prometheus) return;
    void trackedMetrics().then(
      (tracked) => prometheus?.setTracked(tracked),
      () => undefined, // the next service or setting asks again
    );
  });
  return {
    status,
    pulls: () => ({ jaeger, prometheus }),
    init: () => exclusively(() => keep({ initialized: true })),
    start: (start) =>
      exclusively(async () => {
        if (start.t_host === undefined && start.m_host === undefined) {
          throw new CloverError(
            'visibility.nothing_to_pull',
            'there is neither t_host nor m_host',
            {
              hint: 'name the Jaeger query API (t_host, t_port), the Prometheus API (m_host, m_port), or both',
              status: 400,
            },
          );
        }
        await stopPulls();
        await startPulls(start);
        return keep({
          initialized: true,
          start,
          running: true,
          startedAt: new Date().toISOString(),
        });
      }),
    stop: () =>
      exclusively(async () => {
        await stopPulls();
        return keep({ running: false, startedAt: null });
      }),
    set: (change) =>
      exclusively(async () => {
        const result = await keep(changesOf(change));
        jaeger?.setServices(settings.services);
        prometheus?.setTracked(await trackedMetrics());
        return result;
      }),
    clear: ({ what }) =>
      exclusively(async () => {
        await store.clear(what);
        events.publish({ type: 'cleared' });
        return status();
      }),
    borrow: (start, tracked) =>
      exclusively(async () => {
        kept ??= settings;
        const nothingTracked = settings.prefixes.length + settings.customMetrics.length === 0;
        settings = {
          ...settings,
          ...(nothingTracked && changesOf(tracked)),
          start: { ...(settings.running ? settings.start : undefined), ...start },
          running: true,
          startedAt: new Date().toISOString(),
        };
        await stopPulls();
        await startPulls(settings.start!);
        events.publish({ type: 'visibility' });
      }),
    close: () => exclusively(stopPulls),
  };
}

/** What `set` names; what it does not name stays. */
function changesOf(change: VisibilitySet): Partial<Settings> {
  const prefixes = change.metric_prefixes ?? change.prefixes;
  const suffixes = change.metric_suffixes ?? change.suffixes;
  return {
    ...(change.services && { services: change.services.map(({ name }) => name) }),
    ...(prefixes && { prefixes: prefixes.map(({ prefix }) => prefix) }),
    ...(suffixes && { suffixes: suffixes.map(({ suffix }) => suffix) }),
    ...(change.custom_metrics && {
      customMetrics: change.custom_metrics.map(({ metric }) => metric),
    }),
  };
}

/** `tracing.istio-system` and 80, or a whole URL with a base path. */
function urlOf(host: string, port: number): string {
  if (/^https?:\/\//.test(host)) return host;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
