import http from 'node:http';
import { hasParts, startPrometheus, testData, titleWith, waitFor } from '@clover/test-support';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { startAdminServer, type AdminServer } from '../src/admin/admin-server.ts';
import { createTelemetry } from '../src/telemetry/telemetry.ts';
import { cluster, endpoint, requestRecord, workload } from './support/request-record.ts';

let admin: AdminServer | undefined;
afterEach(async () => {
  await admin?.close();
  admin = undefined;
});

const at = endpoint('10.0.0.1', 9180, { version: 'v1' });
const seen = {
  ...cluster('outbound|9180||clover-server1.default.svc.cluster.local', [at]),
  connections: 3,
  healthy: 0,
  ejections: { active: 1, total: 1, overflow: 0 },
  isEjected: () => true,
};

async function start(options: Partial<Parameters<typeof startAdminServer>[0]> = {}) {
  const telemetry = createTelemetry({ clusters: () => [seen] });
  for (const status of [200, 200, 503]) telemetry.record(requestRecord({ cluster: seen, status }));
  telemetry.record(
    requestRecord({
      direction: 'inbound',
      workload: workload('clover-server1'),
      cluster: cluster('inbound|9180||'),
    }),
  );
  admin = await startAdminServer({
    port: 0,
    telemetry,
    clusters: () => [seen],
    configDump: () => ({ resources: [] }),
    listeners: () => [{ name: 'jmeter-v1/outbound', address: '127.0.0.2:9180' }],
    isReady: () => true,
    ...options,
  });
  return admin.url;
}

async function text(url: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
}

describe('admin endpoint', () => {
  it('shows what Envoy’s shows', async () => {
    const url = await start();
    expect(await text(`${url}/ready`)).toEqual([200, 'LIVE\n']);
    expect((await text(`${url}/clusters`))[1]).toContain(
      `${seen.name}::10.0.0.1:9180::health_flags::/failed_outlier_check\n`,
    );
    const [, clusters] = await text(`${url}/clusters?format=json`);
    expect(JSON.parse(clusters)).toMatchObject({
      cluster_statuses: [
        { name: seen.name, cx_active: 3, host_statuses: [{ labels: { version: 'v1' } }] },
      ],
    });
    expect(JSON.parse((await text(`${url}/server_info`))[1])).toMatchObject({ state: 'LIVE' });
    expect(await text(`${url}/listeners`)).toEqual([200, 'jmeter-v1/outbound::127.0.0.2:9180\n']);
    expect(JSON.parse((await text(`${url}/config_dump`))[1])).toEqual({ resources: [] });
    expect((await text(url))[1]).toContain('/stats/prometheus');
    expect(JSON.parse((await text(`${url}/stats`))[1])).toMatchObject({ spans: 0 });
    expect(await text(`${url}/reopen_logs`, { method: 'POST' })).toEqual([200, 'OK\n']);
  });

  it('says 503 until it is ready', async () => {
    const url = await start({ isReady: () => false });
    expect(await text(`${url}/ready`)).toEqual([503, 'PRE_INITIALIZING\n']);
  });

  it('listens on loopback only and answers to loopback names only', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'proxy.admin_not_loopback',
    });
    const url = await start();
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      http
        .get(`${url}/config_dump`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject);
    });
    expect(status).toBe(403);
    expect((await text(`${url}/ready`, { method: 'POST' }))[0]).toBe(405);
    expect((await text(`${url}/reopen_logs`))[0]).toBe(405);
    expect((await text(`${url}/quitquitquit`))[0]).toBe(404);
  });

  it('refuses a port that is taken', async () => {
    const url = await start();
    const first = admin!;
    await expect(start({ port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'proxy.listen_failed',
    });
    await first.close();
  });
});

/** Families by name: their type and the names of their labels. */
function families(prometheusText: string): Map<string, { type: string; labels: Set<string> }> {
  const found = new Map<string, { type: string; labels: Set<string> }>();
  for (const line of prometheusText.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)/.exec(line);
    if (type) found.set(type[1]!, { type: type[2]!, labels: new Set() });
    const sample = /^([a-zA-Z0-9_]+)\{(.*)\} /.exec(line);
    if (!sample) continue;
    const name = sample[1]!;
    const family = found.get(name) ?? found.get(name.replace(/_(bucket|sum|count)$/, ''));
    for (const [, label] of sample[2]!.matchAll(/([a-z_]+)="/g)) family?.labels.add(label!);
  }
  return found;
}

const recorded = testData('istio-telemetry/front-sidecar-15020.prom.gz');
describe.skipIf(recorded === undefined)('beside the text of a real sidecar', () => {
  it('has names, types and labels that Istio’s sidecars have', async () => {
    const telemetry = createTelemetry({ clusters: () => [seen], clusterNames: 'tagged' });
    telemetry.record(requestRecord());
    const ours = families([...telemetry.prometheus()].join(''));
    const theirs = families(gunzipSync(readFileSync(recorded!)).toString());
    // Not in the recording: no outlier detection and no authorizer there, and Istio's own build alone has its metrics.
    const isOther = /outlier_detection|ext_authz|^istio_|^clover_|tracing/;
    const compared = [...ours].filter(([name]) => !isOther.test(name));
    expect(compared.length).toBeGreaterThan(50);
    for (const [name, { type, labels }] of compared)
      expect({ name, type, labels: [...labels].toSorted() }).toEqual({
        name,
        type: theirs.get(name)?.type,
        labels: [...(theirs.get(name)?.labels ?? [])].toSorted(),
      });
  });
});

describe.skipIf(!hasParts('prometheus'))(titleWith('a real Prometheus', 'prometheus'), () => {
  it('finds the names that a configuration of 2018 asks for, and Istio’s of today', async () => {
    const url = await start();
    const prometheus = await startPrometheus({
      scrape: [{ job: 'mesh', targets: [new URL(url).host], path: '/stats/prometheus' }],
      scrapeIntervalMs: 500,
    });
    const query = async (expression: string) => {
      const answer = await fetch(
        `${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`,
      );
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return data.result.map(({ value }) => value[1]);
    };
    try {
      const service = '_default_svc_cluster_local_upstream_rq_2xx';
      const outbound = `envoy_cluster_outbound_9180__clover_server1${service}`;
      await waitFor('the first scrape', async () => (await query(outbound)).length === 1);
      expect(await query(outbound)).toEqual(['2']);
      expect(await query(`envoy_cluster_inbound_9180__clover_server1${service}`)).toEqual(['1']);
      const active = outbound.replace('upstream_rq_2xx', 'upstream_cx_active');
      expect(await query(active)).toEqual(['3']);
      expect(await query('sum(istio_requests_total{reporter="source"})')).toEqual(['3']);
      expect(await query('sum(envoy_cluster_upstream_rq{response_code="503"})')).toEqual(['1']);
      expect(await query('scrape_samples_scraped')).not.toEqual(['0']);
      expect(await query('up')).toEqual(['1']);
      const quantile =
        'histogram_quantile(0.5, sum(istio_request_duration_milliseconds_bucket) by (le))';
      expect(Number((await query(quantile))[0])).toBeGreaterThan(1);
    } finally {
      await prometheus.stop();
    }
  });
});
