// `./clover up` as a user meets it: the Service Delivery Controller sample in its mesh, from curl at the
// gateway to the verdict on its traffic.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { hasParts, tempDir, type TempDir, titleWith, waitFor } from '@clover/test-support';
import { expectShown, startBrowser } from './support/browser.ts';
import { demoOf } from './support/demo.ts';
import { type Product, startProduct } from './support/product.ts';
import { openShell, type Shell } from './support/shell.ts';

const METRIC =
  'envoy_cluster_outbound_9180__clover_server1_default_svc_cluster_local_upstream_rq_2xx';
const ARGS = ['--demo', '--demo-rate=60', '--scrape-interval=5s'];

describe('the sample in its mesh', () => {
  let data: TempDir;
  let product: Product;
  let client: ReturnType<typeof createClient>;
  let shell: Shell;
  beforeAll(async () => {
    data = await tempDir('clover-sdc-');
    product = await startProduct({ args: ARGS, dataDir: data.path });
    client = createClient({ baseUrl: product.ready.controller });
    shell = await openShell({
      cwd: data.path,
      server: product.ready.controller,
      binDir: data.path,
    });
  });
  afterAll(async () => {
    await shell?.close();
    await product?.stop();
    await data?.remove();
  });

  /** Through the gateway, as a client from outside. */
  function ask(path: string, headers: Record<string, string> = {}) {
    const { hostname, port } = new URL(demoOf(product.ready).front);
    return new Promise<{ status: number; body: string; headers: NodeJS.Dict<unknown> }>(
      (resolve, reject) => {
        request({ hostname, port, path, headers, agent: false }, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          const { statusCode = 0, headers: came } = response;
          response.on('end', () => resolve({ status: statusCode, body, headers: came }));
        })
          .on('error', reject)
          .end();
      },
    );
  }
  /** On a busy machine a server may be too slow for its load balancer; that is not what is looked at. */
  const answered = (path: string, headers: Record<string, string> = {}) =>
    waitFor('an answer', async () => {
      const answer = await ask(path, headers);
      return answer.status < 500 && answer;
    });
  const soon = <T>(what: string, probe: () => Promise<T | false>) =>
    waitFor<T>(what, probe, { timeoutMs: 60_000, intervalMs: 200 });
  const servedBy = async (headers: Record<string, string>) =>
    (JSON.parse((await answered('/catalog', headers)).body) as { server: string }).server;
  const cli = (command: string) => shell.run(`cloverctl ${command}`);

  it('answers curl at the gateway, by address and by name', async () => {
    const url = `${demoOf(product.ready).front}/catalog`;
    for (const at of [
      [url],
      [url.replace('127.0.0.1', 'localhost')],
      [url, '-H', 'Host: www.sdc.com'],
    ]) {
      const { stdout } = await promisify(execFile)('curl', [
        '-fsS',
        '--retry',
        '20',
        '--retry-delay',
        '1',
        ...at,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({
        server: expect.stringMatching(/^clover-server\d$/),
      });
    }
  });

  it('starts with the sample as its first revision, and every service as a workload', async () => {
    const { items } = await client.trafficHistory({});
    expect(items).toMatchObject([{ revision: 1, author: 'demo', action: 'apply' }]);
    expect(items[0]!.reason).toContain('examples/sdc/mesh');
    const { items: workloads } = await client.workloads();
    expect(workloads.map(({ name }) => name).toSorted()).toEqual([
      ...[1, 2, 3, 4, 5].map((number) => `clover-server${number}-v1-0`),
      'http-lb-v1-0',
      'http-lb-v2-0',
      'proxy-access-control-v1-0',
      'snort-ids-v1-0',
    ]);
    for (const { listeners } of workloads) {
      expect(listeners!.inbound).toHaveLength(1);
      expect(listeners!.outbound.length).toBeGreaterThan(8);
    }
  });

  it('sends testers to version 2 alone, and denies what the front door denies', async () => {
    for (let turn = 0; turn < 10; turn++)
      expect(await servedBy({ host: 'www.sdc.com', 'user-agent': 'sdc-tester/1.0' })).toMatch(
        /^clover-server[45]$/,
      );
    expect((await answered('/admin')).status).toBe(403);
  });

  it('gives one trace from the gateway to the server, with a copy at the IDS', async () => {
    let traceId = '';
    await waitFor('an answer', async () => {
      traceId = randomBytes(16).toString('hex');
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
      return (await ask('/products/1000', headers)).status < 500;
    });
    const spans = await soon('the trace', async () => {
      const trace = await client.trace(traceId).catch(() => undefined);
      const servers = trace?.spans.filter(({ kind }) => kind === 'server') ?? [];
      return servers.length === 5 && trace!.spans;
    });
    const servers = spans.filter(({ kind }) => kind === 'server').map(({ service }) => service);
    expect(servers.toSorted()).toEqual([
      expect.stringMatching(/^clover-server\d\.default$/),
      'http-lb.default',
      'istio-ingressgateway.istio-system',
      'proxy-access-control.default',
      'snort-ids.default',
    ]);
  });

  it('tells of the scanner with the trace in which it came', async () => {
    const traceId = randomBytes(16).toString('hex');
    await ask('/', {
      'user-agent': 'asafaweb.com',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    });
    const alert = await soon('the alert', async () => {
      const { items } = await client.idsAlerts({ since: '15m' });
      return items.find((one) => one.traceId === traceId) ?? false;
    });
    expect(alert).toMatchObject({ sid: 10000003, sourceAddress: '127.0.0.1' });
  });

  it('shows the graph with the shares of the versions', async () => {
    const { edges } = await client.graph({ since: '15m' });
    const pairs = edges.map(({ from, to }) => `${from} -> ${to}`);
    expect(pairs).toContain('istio-ingressgateway.istio-system -> snort-ids.default');
    expect(pairs).toContain('proxy-access-control.default -> http-lb.default');
    const { toVersions } = edges.find(({ to }) => to === 'http-lb.default')!;
    expect(toVersions.map(({ version }) => version).toSorted()).toEqual(['v1', 'v2']);
  });

  it.skipIf(!hasParts('chromium'))(
    titleWith('shows them on the map, with mutual TLS', 'chromium'),
    async () => {
      const browser = await startBrowser();
      try {
        await browser.visit(`${product.ready.controller}/map`, async ({ page, faults }) => {
          await expectShown(page, /v1\s+[\d.]+\s+%\s+v2\s+[\d.]+\s+%/);
          await expectShown(page, 'mutual TLS only');
          expect(faults).toEqual([]);
        });
      } finally {
        await browser.close();
      }
    },
  );

  it('has the metrics of 2018 from the proxies, and from nobody else', async () => {
    const { admin } = product.ready.demo!;
    for (const url of Object.values(admin))
      expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('envoy_');
    const { metrics } = await client.mesh();
    expect(await (await fetch(metrics!)).text()).toContain(`\n${METRIC}`);
    const series = await soon('a scrape', async () => {
      const answer = await client.metricSeries({ name: METRIC, since: '5m' });
      return answer.series.length > 0 && answer.series;
    });
    expect(series).toHaveLength(1);
  });

  it('changes a load balancer while it runs: it goes on through the mesh', async () => {
    await client.setLoadBalancer({
      lb_name: 'http-lb-v1',
      lb_list: [{ url: 'http://clover-server4:9180' }],
    });
    for (let turn = 0; turn < 10; turn++) expect(await servedBy({})).toMatch(/^clover-server[45]$/);
    await expect(
      client.setLoadBalancer({ lb_name: 'http-lb-v1', lb_list: [{ url: 'http://nobody:9180' }] }),
    ).rejects.toThrow(/there is no host nobody/);
    await client.setLoadBalancer({
      lb_name: 'http-lb-v1',
      lb_list: [1, 2, 3].map((number) => ({ url: `http://clover-server${number}:9180` })),
    });
  });

  it('obeys its rules: the verdict of cloverctl', async () => {
    // A verdict that has just become one may go back to none with the next requests, so the same look is asked for all.
    const said = await soon('enough requests', async () => {
      const text = await cli('verify traffic --since 15m --confidence 0.9999 --tolerance 0.1');
      return /http-lb everybody +weights .* v1 +80 %.* (pass|fail)/.test(text) && text;
    });
    expect(said).toMatch(/http-lb everybody +weights .* v1 +80 %.* pass/);
    expect(said).toMatch(/http-lb everybody +weights .* v2 +20 %.* pass/);
    expect(said).toMatch(/sdc-front front door +mirror +copied to snort-ids.* pass/);
    expect(said).toMatch(/rules pass, 0 fail/);
  });

  // After the verdict: what went to it is judged by the rules that no longer know it, REGISTRY_ONLY.
  it('finds a service that joins later', async () => {
    const port = Number(new URL(product.ready.controller).port);
    await client.workloadJoin({ service: 'late', ports: [{ port: 9180, targetPort: port }] });
    const changed = await soon('the load balancer to know it', () =>
      client
        .setLoadBalancer({ lb_name: 'http-lb-v2', lb_list: [{ url: 'http://late:9180' }] })
        .catch((): false => false),
    );
    expect(changed.service).toBe('http-lb-v2-0');
    await client.setLoadBalancer({
      lb_name: 'http-lb-v2',
      lb_list: [4, 5].map((number) => ({ url: `http://clover-server${number}:9180` })),
    });
    await client.workloadRemove({ namespace: 'default', name: 'late-0' });
  });

  it('answers with a fault that is switched on, and shows it', async () => {
    expect(
      await cli('fault inject --service http-lb --abort 418 --percent 100 --for 5m'),
    ).toContain('http-lb');
    expect((await ask('/catalog')).status).toBe(418);
    await soon('the fault among what was observed', async () => {
      const { items } = await client.counts({
        by: 'service,responseFlags',
        since: '15m',
        side: 'client',
        filter: ['responseFlags=FI'],
      });
      return items.some(({ values }) => values[0] === 'proxy-access-control.default');
    });
    await cli('fault end --service http-lb');
    expect((await answered('/catalog')).status).toBe(200);
  });

  // The last one, because it starts Clover again.
  it('keeps what a user made of the resources, and takes the services in again', async () => {
    await client.trafficDelete({
      resources: [{ kind: 'VirtualService', namespace: 'default', name: 'prices' }],
    });
    const { revision } = await client.trafficHistory({});
    await product.stop();
    product = await startProduct({ args: ARGS, dataDir: data.path });
    client = createClient({ baseUrl: product.ready.controller });
    expect((await client.trafficHistory({})).revision).toBe(revision);
    expect((await client.workloads()).items).toHaveLength(9);
    expect((await answered('/catalog')).status).toBe(200);
    expect(await cli('get vs prices')).toContain('exit code');
  });
});
