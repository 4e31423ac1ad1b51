import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile, readResources, type RoutingTable } from '@clover/traffic';
import type { Endpoint, HashInput } from './cluster.ts';
import { createClusters } from './create-clusters.ts';
import { createEndpointRegistry } from './endpoint-registry.ts';

function table(...documents: string[]): RoutingTable {
  const read = readResources([{ name: 'a.yaml', text: documents.join('---\n') }]);
  expect(read.findings).toEqual([]);
  return compile(read.resources);
}

const entry = (endpoints: string, more = 'resolution: STATIC') => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.default.svc.cluster.local]
  location: MESH_INTERNAL
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}, {number: 90, name: grpc, protocol: GRPC}]
  ${more}
  ${endpoints && `endpoints: [${endpoints}]`}
`;
const rule = (policy: string, namespace = 'default') => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: ${namespace}}
spec:
  host: a.default.svc.cluster.local
  trafficPolicy: ${policy}
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}, trafficPolicy: {connectionPool: {http: {maxRetries: 3}}}}]
`;
const HOST = 'a.default.svc.cluster.local';
const ONE = '{address: 10.0.0.1, labels: {version: v1}}';
const TWO = '{address: 10.0.0.2, labels: {version: v2}, ports: {http: 9999}, weight: 3}';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  vi.useRealTimers();
});
function clusters(options: Parameters<typeof createClusters>[0]) {
  const made = createClusters(options);
  open.push(made);
  return made;
}

const request = (headers: Record<string, string> = {}): HashInput => ({
  header: (name) => headers[name],
  sourceIp: '10.9.9.9',
  path: '/',
});

describe('createClusters', () => {
  it('finds endpoints by subset and port, with Envoy’s names', () => {
    const set = clusters({
      table: table(entry(`${ONE}, ${TWO}`), rule('{loadBalancer: {simple: RANDOM}}')),
    });
    const all = set.get(HOST, '', 80, 'default')!;
    expect(all.endpoints.map((one) => one.key)).toEqual(['10.0.0.1:8080', '10.0.0.2:9999']);
    expect(all.http2).toBe(false);
    const v2 = set.get(HOST, 'v2', 80, 'default')!;
    expect(v2.name).toBe('outbound|80|v2|a.default.svc.cluster.local');
    expect(v2.statsName).toBe('outbound_80_v2_a_default_svc_cluster_local');
    expect(v2.endpoints.map((one) => one.key)).toEqual(['10.0.0.2:9999']);
    expect(v2.limits.maxRetries).toBe(3);
    const grpc = set.get(HOST, 'v1', 90, 'default')!;
    expect(grpc.endpoints.map((one) => one.key)).toEqual(['10.0.0.1:90']);
    expect(grpc.http2).toBe(true);
    expect(set.get(HOST, 'v1', 90, 'default')).toBe(grpc);
  });

  it('knows no other host, port or subset', () => {
    const set = clusters({ table: table(entry(ONE), rule('{loadBalancer: {simple: RANDOM}}')) });
    expect(set.get('b', '', 80, 'default')).toBeUndefined();
    expect(set.get(HOST, '', 81, 'default')).toBeUndefined();
    expect(set.get(HOST, 'v3', 80, 'default')).toBeUndefined();
  });

  it('has a cluster without healthy endpoints pick none', () => {
    const set = clusters({ table: table(entry(ONE), rule('{loadBalancer: {simple: RANDOM}}')) });
    expect(set.get(HOST, 'v2', 80, 'default')!.pick(undefined, undefined)).toBeUndefined();
  });

  it('takes the rule of the client’s namespace', () => {
    const set = clusters({
      table: table(
        entry(ONE),
        rule('{connectionPool: {http: {maxRetries: 1}}}'),
        rule('{connectionPool: {http: {maxRetries: 2}}}', 'other'),
      ),
    });
    expect(set.get(HOST, '', 80, 'default')!.limits.maxRetries).toBe(1);
    expect(set.get(HOST, '', 80, 'other')!.limits.maxRetries).toBe(2);
  });

  it('takes the rule that chooses the client by its labels', () => {
    const chosen = rule('{connectionPool: {http: {maxRetries: 3}}}')
      .replace('name: a,', 'name: b,')
      .replace('spec:', 'spec:\n  workloadSelector: {matchLabels: {app: web}}');
    const made = table(entry(ONE), rule('{connectionPool: {http: {maxRetries: 1}}}'), chosen);
    const retries = (labels: Record<string, string>) =>
      clusters({ table: made, clientLabels: () => labels }).get(HOST, '', 80, 'default')!.limits
        .maxRetries;
    expect([retries({}), retries({ app: 'web' })]).toEqual([1, 3]);
  });

  it('retries elsewhere if it can', () => {
    const set = clusters({ table: table(entry(`${ONE}, ${TWO}`)) });
    const cluster = set.get(HOST, '', 80, 'default')!;
    for (let n = 0; n < 50; n++) {
      const first = cluster.pick(undefined, undefined)!;
      const second = cluster.pick(undefined, [first])!;
      expect(second).not.toBe(first);
      expect([first, second]).toContain(cluster.pick(undefined, [first, second]));
    }
  });

  it('keeps a key at its endpoint, retries too', () => {
    const policy = '{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}';
    const set = clusters({ table: table(entry(`${ONE}, ${TWO}`), rule(policy)) });
    const cluster = set.get(HOST, '', 80, 'default')!;
    expect(cluster.hashes).toBe(true);
    const first = cluster.pick(request({ 'x-user': 'ann' }), undefined)!;
    for (let n = 0; n < 20; n++)
      expect(cluster.pick(request({ 'x-user': 'ann' }), [first])).toBe(first);
  });

  it('ejects, says so, and brings back at the interval', () => {
    vi.useFakeTimers();
    let nowMs = 0;
    const policy =
      '{outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 50, interval: 1s, baseEjectionTime: 3s}}';
    const set = clusters({ table: table(entry(`${ONE}, ${TWO}`), rule(policy)), now: () => nowMs });
    const cluster = set.get(HOST, '', 80, 'default')!;
    const [one, two] = cluster.endpoints as [Endpoint, Endpoint];
    cluster.report(one, 503);
    cluster.report(one, -1);
    const [told] = [...set.clusters()];
    expect([told!.isEjected(one), told!.healthy, told!.ejections.active]).toEqual([true, 1, 1]);
    for (let n = 0; n < 20; n++) expect(cluster.pick(undefined, undefined)).toBe(two);
    nowMs = 3000;
    vi.advanceTimersByTime(1000);
    expect(told!.isEjected(one)).toBe(false);
    expect(told!.healthy).toBe(2);
  });

  it('uses all endpoints when fewer than minHealthPercent are healthy', () => {
    const policy =
      '{outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100, minHealthPercent: 60}}';
    const set = clusters({ table: table(entry(`${ONE}, ${TWO}`), rule(policy)) });
    const cluster = set.get(HOST, '', 80, 'default')!;
    const [one] = cluster.endpoints as [Endpoint];
    cluster.report(one, 500);
    const picked = new Set(Array.from({ length: 40 }, () => cluster.pick(undefined, undefined)));
    expect(picked.size).toBe(2);
  });

  it('keeps endpoints that stay and their state, and lets go of the others', () => {
    const released: string[] = [];
    const policy = '{outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}}';
    const set = clusters({
      table: table(entry(`${ONE}, ${TWO}`), rule(policy)),
      released: (one) => released.push(one.key),
    });
    const cluster = set.get(HOST, '', 80, 'default')!;
    const [one] = cluster.endpoints as [Endpoint];
    one.active = 2;
    one.slot = 'pool';
    cluster.report(one, 500);
    const other = '{address: 10.0.0.3}';
    set.update(
      table(
        entry(`${ONE}, ${other}`),
        rule(policy.replace('100}}', '100}, loadBalancer: {simple: RANDOM}}')),
      ),
    );
    expect(set.get(HOST, '', 80, 'default')).toBe(cluster);
    expect(released).toEqual(['10.0.0.2:9999']);
    expect(cluster.endpoints.map((each) => each.key)).toEqual(['10.0.0.1:8080', '10.0.0.3:8080']);
    expect(cluster.endpoints[0]).toBe(one);
    for (let n = 0; n < 20; n++)
      expect(cluster.pick(undefined, undefined)!.key).toBe('10.0.0.3:8080');
    set.update(table(rule(policy)));
    expect(set.get(HOST, '', 80, 'default')).toBeUndefined();
    expect(released).toHaveLength(3);
  });

  it('goes on with its turn when an update changes nothing of it', () => {
    const policy = '{loadBalancer: {simple: ROUND_ROBIN}}';
    const three = `${ONE}, {address: 10.0.0.2}, {address: 10.0.0.3}`;
    const set = clusters({ table: table(entry(three), rule(policy)) });
    const cluster = set.get(HOST, '', 80, 'default')!;
    const picks: string[] = [];
    for (let n = 0; n < 12; n++) {
      picks.push(cluster.pick(undefined, undefined)!.address);
      set.update(table(entry(three), rule(policy)));
    }
    for (const [index, one] of picks.entries()) expect(one).toBe(picks[index % 3]);
    expect(new Set(picks).size).toBe(3);
  });

  it('finds endpoints by DNS, all of them or one logical one', async () => {
    const names: Record<string, string[]> = {
      'one.test': ['10.1.0.2', '10.1.0.1'],
      [HOST]: ['10.2.0.1', '10.2.0.2'],
    };
    const resolve = (name: string) => Promise.resolve(names[name]!);
    const of = async (endpoints: string, resolution: string, fixed?: string) => {
      const made = table(entry(endpoints, `resolution: ${resolution}`));
      const registry = createEndpointRegistry({ table: made, resolve });
      const set = clusters({ table: made, registry });
      open.push(registry);
      const cluster = set.get(HOST, '', 80, 'default')!;
      expect(cluster.pick(undefined, undefined)?.address).toBe(fixed);
      await set.ready();
      return cluster.endpoints.map((one) => one.key);
    };
    expect(await of('{address: one.test}, {address: 10.3.0.1}', 'DNS', '10.3.0.1')).toEqual([
      '10.1.0.1:8080',
      '10.1.0.2:8080',
      '10.3.0.1:8080',
    ]);
    expect(await of('', 'DNS')).toEqual(['10.2.0.1:8080', '10.2.0.2:8080']);
    expect(await of('', 'DNS_ROUND_ROBIN')).toEqual(['10.2.0.1:8080']);
  });

  it('sends to where the request says when nobody declared endpoints', () => {
    const released: Endpoint[] = [];
    const wild = entry('', 'resolution: NONE').replace(
      '[a.default.svc.cluster.local]',
      '["*.test"]',
    );
    const set = clusters({
      table: table(wild, entry('', 'resolution: NONE').replace('name: a', 'name: b')),
      released: (one) => released.push(one),
    });
    expect(set.get(HOST, '', 80, 'default')!.pick(request(), undefined)!.key).toBe(`${HOST}:80`);
    const any = set.get('*.test', '', 80, 'default')!;
    expect(any.pick(request({ host: 'x.test:7' }), undefined)!.key).toBe('x.test:80');
    expect(any.pick(undefined, undefined)).toBeUndefined();
    const { passthrough } = set;
    expect(passthrough.pick(request({ host: '[::1]:81' }), undefined)!.key).toBe('[::1]:81');
    expect(passthrough.pick(request({ host: 'y.test' }), undefined)!.key).toBe('y.test:80');
    expect(passthrough.pick(request({ host: 'y.test:x' }), undefined)).toBeUndefined();
    for (let n = 0; n < 1100; n++) passthrough.pick(request({ host: `h${n}` }), undefined);
    expect(passthrough.endpoints).toHaveLength(1024);
    expect(released).toHaveLength(1102 - 1024);
  });

  it('asks an endpoint with a probe for its health first, and takes it as healthy when it passes', async () => {
    vi.useFakeTimers();
    const probed = entry(`${ONE}, ${TWO}`).replace(
      'metadata: {name: a}',
      `metadata: {name: a, annotations: {clover/readiness-probe: '{tcpSocket: {}, periodSeconds: 1, failureThreshold: 2}'}}`,
    );
    const made = table(probed);
    const up = new Set(['10.0.0.1']);
    const registry = createEndpointRegistry({
      table: made,
      check: ({ address }) => Promise.resolve(up.has(address) ? 'passed' : 'unreachable'),
    });
    open.push(registry);
    const set = clusters({ table: made, registry });
    const cluster = set.get(HOST, '', 80, 'default')!;
    const picks = () =>
      [
        ...new Set(
          Array.from({ length: 40 }, () => cluster.pick(undefined, undefined)?.address ?? ''),
        ),
      ].toSorted((a, b) => a.localeCompare(b));
    expect(picks()).toEqual(['']);
    await vi.advanceTimersByTimeAsync(10);
    expect(picks()).toEqual(['10.0.0.1']);
    up.add('10.0.0.2');
    await vi.advanceTimersByTimeAsync(1000);
    expect(picks()).toEqual(['10.0.0.1', '10.0.0.2']);
    up.clear();
    await vi.advanceTimersByTimeAsync(1000);
    expect(picks()).toEqual(['10.0.0.1', '10.0.0.2']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(picks()).toEqual(['']);
  });
});
