// The demo with a real Jaeger and a real Prometheus beside it: what Clover pulled is what was sent.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasParts, tempDir, titleWith, waitFor, type TempDir } from '@clover/test-support';
import type { SourcesAnswer, TraceDetail, TracesAnswer, VisibilityStatus } from '@clover/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clover, isBuilt, startClover } from './support/clover.ts';

interface Ready {
  readonly jaeger: string;
  readonly prometheus: string;
  readonly demo: { readonly admin: Record<string, string> };
}

describe.skipIf(!isBuilt || !hasParts('jaeger', 'prometheus'))(
  titleWith('the demo with companions', 'jaeger', 'prometheus'),
  () => {
    let clover: Clover;
    let ready: Ready;
    let dir: TempDir;
    const get = async <Answer>(path: string) => (await clover.get(path)).json() as Promise<Answer>;
    const source = async (id: string) =>
      (await get<SourcesAnswer>('/api/v1/sources')).items.find((one) => one.id === id);

    beforeAll(async () => {
      dir = await tempDir('clover-companions-');
      clover = await startClover({
        dataDir: join(dir.path, 'data'),
        args: ['--demo', '--demo-rate=30', '--with-jaeger', '--with-prometheus'],
      });
      ready = clover.ready as unknown as Ready;
    });
    afterAll(async () => {
      await clover?.stop();
      await dir?.remove();
    });

    it('pulls from both, and shows them as sources', async () => {
      await waitFor('Jaeger', async () => (await source('jaeger'))?.state === 'up');
      await waitFor(
        'Prometheus',
        async () => ((await source('prometheus'))?.acceptedPoints ?? 0) > 0,
      );
      const status = await get<VisibilityStatus>('/api/v1/visibility');
      expect(status).toMatchObject({
        running: true,
        jaeger: { url: ready.jaeger, state: 'up' },
        prometheus: { url: ready.prometheus, state: 'up' },
      });
    });

    it('pulled every span that was sent, and the traces are the same', async () => {
      const admin = ready.demo.admin;
      await fetch(`${admin['clients-v1-0']}/-/rate`, { method: 'PUT', body: '0' });
      for (const url of Object.values(admin).toReversed())
        await fetch(`${url}/-/flush`, { method: 'PUT' });
      // The proxies send what they have each second.
      let before = -1;
      await waitFor(
        'the last span',
        async () => {
          const now = (await source('otlp-http'))?.acceptedSpans ?? 0;
          const isStill = now === before;
          before = now;
          return isStill;
        },
        { intervalMs: 2000 },
      );
      await waitFor(
        'all spans',
        async () =>
          (await source('jaeger'))?.acceptedSpans === (await source('otlp-http'))?.acceptedSpans,
        { timeoutMs: 30_000 },
      );
      const pulled = (await source('jaeger'))!;
      expect(pulled.acceptedSpans).toBeGreaterThan(100);
      expect(pulled.completeness).toBe(1);
      const { items } = await get<TracesAnswer>('/api/v1/traces?limit=5');
      for (const { traceId } of items) {
        const { spans } = await get<TraceDetail>(`/api/v1/traces/${traceId}`);
        const response = await fetch(`${ready.jaeger}/api/traces/${traceId}`);
        const theirs = (await response.json()) as { data: { spans: { spanID: string }[] }[] };
        expect(spans.map(({ spanId }) => spanId).toSorted()).toEqual(
          theirs.data[0]!.spans.map(({ spanID }) => spanID).toSorted(),
        );
      }
    });

    it('pulled the samples of the tracked metrics', async () => {
      const name =
        'envoy_cluster_inbound_9180__clover_server1_default_svc_cluster_local_upstream_rq_2xx';
      const theirs = await waitFor('four scrapes', async () => {
        const response = await fetch(`${ready.prometheus}/api/v1/query?query=${name}[1h]`);
        const { data } = (await response.json()) as {
          data: { result: { values: [number, string][] }[] };
        };
        const values = data.result[0]?.values ?? [];
        return values.length >= 4 && values;
      });
      const [time, value] = theirs.at(-4)!; // the pull may be a scrape behind
      interface Series {
        readonly series: { labels: Record<string, string>; values: (number | null)[] }[];
      }
      const found = await waitFor('the sample', async () => {
        const end = Math.round(time * 1000) + 1;
        const query = `name=${name}&start=${end - 2000}&end=${end}&label=job=demo`;
        const ours = await get<Series>(`/api/v1/metrics/series?${query}`);
        return ours.series[0]?.values.includes(Number(value)) === true;
      });
      expect(found).toBe(true);
    });

    it('ends them with itself, and keeps nothing of them in its settings', async () => {
      await clover.stop();
      await expect(fetch(ready.jaeger)).rejects.toThrow();
      await expect(fetch(ready.prometheus)).rejects.toThrow();
      clover = await startClover({ dataDir: join(dir.path, 'data') });
      expect(await get<VisibilityStatus>('/api/v1/visibility')).toMatchObject({
        initialized: false,
        running: false,
        jaeger: { state: 'off' },
        prefixes: [],
      });
    });
  },
);

describe.skipIf(!isBuilt)('a companion that is not there', () => {
  const failing = (args: string[], env: Record<string, string>) =>
    startClover({ args, env }).then(
      async (clover) => {
        await clover.stop();
        return 'it started';
      },
      (error: Error) => error.message,
    );

  it('is an error that says what to do, before anything starts', async () => {
    expect(await failing(['--demo', '--with-jaeger'], { JAEGER: '/none/jaeger' })).toMatch(
      /ended with 2[^]*JAEGER=\/none\/jaeger is not a program[^]*jaegertracing\.io/,
    );
    expect(
      await failing(['--demo', '--with-prometheus'], { PROMETHEUS: '', PATH: '/none' }),
    ).toMatch(/ended with 2[^]*there is no Prometheus[^]*apt-get install prometheus/);
    expect(await failing(['--with-prometheus'], {})).toMatch(/ended with 2[^]*add --demo/);
    expect(await failing(['--with-waf'], {})).toMatch(/ended with 2[^]*the mesh, which is off/);
    const usr = await tempDir('clover-apache-');
    const alone = join(usr.path, 'apache2');
    await writeFile(alone, '#!/bin/sh\n', { mode: 0o755 });
    expect(await failing(['--mesh', '--with-waf'], { APACHE: alone })).toMatch(
      /ended with 2[^]*--with-waf: there is no [^]*apt-get install apache2 libapache2-mod-security2 modsecurity-crs/,
    );
    await usr.remove();
  });
});
