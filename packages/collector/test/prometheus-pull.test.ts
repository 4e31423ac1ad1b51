import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricBatch } from '@clover/model';
import {
  hasParts,
  startPrometheus,
  titleWith,
  waitFor,
  type RunningPrometheus,
} from '@clover/test-support';
import { createPrometheusPull, type PrometheusPullOptions } from '../src/pulls/prometheus-pull.ts';
import { memoryState } from '../src/pulls/pull-state.ts';

const PREFIX = 'envoy_cluster_outbound_9180__';
const SUFFIX = '_default_svc_cluster_local_upstream_rq_2xx';
const TRACKED = {
  services: ['proxy_access_control', 'http-lb', 'nobody'],
  prefixes: [PREFIX],
  suffixes: [SUFFIX],
  customMetrics: ['envoy_tracing_zipkin_spans_sent', 'odd values'],
};

/** What the target said, by series: the values in order of the scrapes. */
type Told = { count: number; text: string };

describe.skipIf(!hasParts('prometheus'))(
  titleWith('pulling from a real Prometheus', 'prometheus'),
  () => {
    let prometheus: RunningPrometheus;
    let target: Server;
    const told: Told[] = [];

    beforeAll(async () => {
      target = createServer((_, response) => {
        const count = told.length + 1;
        const text = `# HELP ${PREFIX}proxy_access_control${SUFFIX} Answers of class 2xx.
# TYPE ${PREFIX}proxy_access_control${SUFFIX} counter
${PREFIX}proxy_access_control${SUFFIX}{code="200"} ${count * 3}
${PREFIX}proxy_access_control${SUFFIX}{code="204"} ${count}
${PREFIX}http_lb${SUFFIX} ${count / 8}
envoy_tracing_zipkin_spans_sent ${count % 3 === 0 ? '+Inf' : -count}
not_tracked 1
`;
        told.push({ count, text });
        response.setHeader('content-type', 'text/plain; version=0.0.4');
        response.end(text);
      });
      await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
      const host = `127.0.0.1:${(target.address() as AddressInfo).port}`;
      prometheus = await startPrometheus({
        scrape: [{ job: 'demo', targets: [host] }],
        scrapeIntervalMs: 100,
      });
      await waitFor('ten scrapes', () => told.length >= 10);
    });
    afterAll(async () => {
      await prometheus.stop();
      target.close();
    });

    function puller(options: Partial<PrometheusPullOptions> = {}) {
      const batches: MetricBatch[] = [];
      const pull = createPrometheusPull({
        url: prometheus.url,
        intervalMs: 100,
        tracked: TRACKED,
        writeMetrics: async (batch) => void batches.push(batch),
        ...options,
      });
      return { pull, batches };
    }

    /** The values of a metric's one series that Prometheus has, ascending by time. */
    async function kept(name: string): Promise<number[]> {
      const response = await fetch(`${prometheus.url}/api/v1/query?query=${name}[10m]`);
      const { data } = (await response.json()) as {
        data: { result: { values: [number, string][] }[] };
      };
      return data.result[0]!.values.map(([, value]) => Number(value));
    }

    /** [time, value] by name and code, sorted by time. */
    function points(batches: readonly MetricBatch[]) {
      const found = new Map<string, [number, number][]>();
      for (const batch of batches) {
        batch.values.forEach((value, i) => {
          const { name, labels } = batch.series[batch.seriesIndexes[i]!]!;
          const key = `${name}${labels.code ?? ''}`;
          const list = found.get(key) ?? [];
          list.push([batch.timesUnixMs[i]!, value]);
          found.set(key, list);
        });
      }
      for (const list of found.values()) list.sort((a, b) => a[0] - b[0]);
      return found;
    }

    it('gives every sample of the tracked metrics once, with its own time and value', async () => {
      const { pull, batches } = puller();
      const first = await pull.pullNow();
      expect(first).toMatchObject({ state: 'up', completeness: 1, names: 4, namesFound: 3 });
      expect(first.detail).toContain(
        '3 of 4 tracked metrics have samples; "odd values" is not a metric name',
      );
      for (let i = 0; i < 5; i++) {
        await sleep(150);
        await pull.pullNow();
      }
      const upTo = told.length;
      await sleep(250); // the last scrapes are in
      await pull.pullNow();
      const found = points(batches);
      expect([...found.keys()].sort()).toEqual([
        `${PREFIX}http_lb${SUFFIX}`,
        `${PREFIX}proxy_access_control${SUFFIX}200`,
        `${PREFIX}proxy_access_control${SUFFIX}204`,
        'envoy_tracing_zipkin_spans_sent',
      ]);
      // Prometheus itself throws away a scrape that took it too long.
      const counts = (await kept(`${PREFIX}http_lb${SUFFIX}`))
        .map((eighths) => eighths * 8)
        .filter((count) => count <= upTo);
      expect(counts.length).toBeGreaterThan(10);
      const values = (key: string) =>
        found
          .get(key)!
          .slice(0, counts.length)
          .map(([, value]) => value);
      expect(values(`${PREFIX}proxy_access_control${SUFFIX}200`)).toEqual(counts.map((n) => n * 3));
      expect(values(`${PREFIX}http_lb${SUFFIX}`)).toEqual(counts.map((n) => n / 8));
      expect(values('envoy_tracing_zipkin_spans_sent')).toEqual(
        counts.map((n) => (n % 3 === 0 ? Number.POSITIVE_INFINITY : -n)),
      );
      for (const list of found.values()) {
        expect(new Set(list.map(([time]) => time)).size).toBe(list.length);
      }
      const series = batches[0]!.series.find(({ labels }) => labels.code === '200')!;
      expect(series).toMatchObject({
        type: 'counter',
        help: 'Answers of class 2xx.',
        labels: { job: 'demo' },
      });
      await pull.close();
    });

    it('asks in halves for what is too much at once', async () => {
      await waitFor('thirty scrapes', () => told.length >= 30);
      const whole = puller({ tracked: { ...TRACKED, services: [] } });
      await whole.pull.pullNow();
      const halved = puller({
        tracked: { ...TRACKED, services: [] },
        maxAnswerBytes: 700,
        lookbackMs: 10_000,
      });
      const status = await halved.pull.pullNow();
      expect(status.requests).toBeGreaterThan(1);
      const [a, b] = [whole, halved].map(({ batches }) =>
        points(batches).get('envoy_tracing_zipkin_spans_sent')!,
      );
      expect(b!.slice(0, a!.length)).toEqual(a);
    });

    it('goes on where an earlier process stopped', async () => {
      const state = memoryState();
      const one = puller({ state, overlapMs: 1 });
      await one.pull.pullNow();
      await one.pull.close();
      const two = puller({ state, overlapMs: 1 });
      await two.pull.pullNow();
      const all = points([...one.batches, ...two.batches]);
      expect(two.batches.flatMap((batch) => [...batch.values]).length).toBeLessThan(
        one.batches.flatMap((batch) => [...batch.values]).length,
      );
      for (const list of all.values()) {
        const values = list.map(([, value]) => value);
        expect(values.length).toBeGreaterThan(5);
      }
    });

    it('goes by the clock of Prometheus when ours is wrong', async () => {
      const aheadMs = 600_000;
      const realNow = Date.now;
      Date.now = () => realNow() + aheadMs; // ours is ten minutes fast
      try {
        const { pull, batches } = puller({ lookbackMs: 2000, overlapMs: 1 });
        const status = await pull.pullNow();
        expect(status.detail).toMatch(/its clock is (600|599|601|602).* s behind ours/);
        expect(points(batches).get('envoy_tracing_zipkin_spans_sent')!.length).toBeGreaterThan(3);
      } finally {
        Date.now = realNow;
      }
    });

    it('sends again what could not be written', async () => {
      let broken = true;
      const batches: MetricBatch[] = [];
      const { pull } = puller({
        writeMetrics: async (batch) => {
          if (broken) throw new Error('store is full');
          batches.push(batch);
        },
      });
      expect(await pull.pullNow()).toMatchObject({
        state: 'down',
        detail: 'store is full',
        points: 0,
      });
      broken = false;
      expect(await pull.pullNow()).toMatchObject({ state: 'up', completeness: 1 });
      expect(points(batches).get(`${PREFIX}http_lb${SUFFIX}`)![0]![1]).toBe(1 / 8);
    });

    it('says that nothing is tracked, that a pause was too long, and what is wrong with an address', async () => {
      const { pull } = puller({
        tracked: { services: [], prefixes: [], suffixes: [], customMetrics: [] },
      });
      expect(await pull.pullNow()).toMatchObject({
        state: 'up',
        completeness: null,
        detail: expect.stringContaining('no metrics are tracked') as string,
      });

      const state = memoryState();
      await state.putState(`pull.prometheus ${prometheus.url}`, {
        version: 1,
        names: { envoy_tracing_zipkin_spans_sent: Date.now() - 3_600_000 },
      });
      const late = puller({
        state,
        lookbackMs: 1000,
        maxCatchUpMs: 600_000,
        tracked: { ...TRACKED, services: [] },
      });
      const status = await late.pull.pullNow();
      expect(status.completeness).toBeLessThan(0.5);
      expect(status.incomplete).toMatch(/5\d minutes were left out after a long pause/);

      const wrong = puller({ url: 'http://127.0.0.1:9' });
      expect(await wrong.pull.pullNow()).toMatchObject({ state: 'down', failures: 1 });
      const host = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
      expect((await puller({ url: host }).pull.pullNow()).detail).toContain(
        'does not answer as Prometheus',
      );
    });
  },
);
