// Held to a real Envoy: the same keys go to the same endpoints, the same failures eject them.

import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answers,
  freePorts,
  hasParts,
  requirePart,
  startProcess,
  tempDir,
  titleWith,
  waitFor,
  type RunningProcess,
  type TempDir,
} from '@clover/test-support';
import { compile, readResources } from '@clover/traffic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HashInput } from '../src/upstream/cluster.ts';
import { createClusters } from '../src/upstream/create-clusters.ts';
import { hashHex, xxHash64 } from '../src/upstream/xxhash64.ts';

const WEIGHTS = [1, 1, 3, 1, 2, 1, 1, 5, 1, 1];
const addressOf = (index: number) => `127.0.9.${index + 1}`;

/** What a DestinationRule says, and what Istio makes Envoy of it. */
const CASES = [
  {
    name: 'ring',
    hash: '{httpHeaderName: x-user}',
    weights: false,
    lb: { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: 1024 } },
  },
  {
    name: 'ring-weights',
    hash: '{httpHeaderName: x-user, minimumRingSize: 100}',
    weights: true,
    lb: { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: 100 } },
  },
  {
    name: 'maglev',
    hash: '{httpHeaderName: x-user, maglev: {tableSize: 65537}}',
    weights: false,
    lb: { lb_policy: 'MAGLEV' },
  },
  {
    name: 'maglev-weights',
    hash: '{httpHeaderName: x-user, maglev: {tableSize: 1009}}',
    weights: true,
    lb: { lb_policy: 'MAGLEV', maglev_lb_config: { table_size: 1009 } },
  },
  {
    name: 'query',
    hash: '{httpQueryParameterName: user}',
    weights: false,
    lb: { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: 1024 } },
  },
  {
    name: 'cookie',
    hash: '{httpCookie: {name: user, path: /p, ttl: 60s}}',
    weights: false,
    lb: { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: 1024 } },
  },
] as const;
const POLICIES = {
  header: { header: { header_name: 'x-user' } },
  query: { query_parameter: { name: 'user' } },
  cookie: { cookie: { name: 'user', path: '/p', ttl: '60s' } },
};
type Case = (typeof CASES)[number];
const OUTLIER = {
  consecutive_5xx: 3,
  enforcing_consecutive_5xx: 100,
  enforcing_success_rate: 0,
  interval: '0.2s',
  base_ejection_time: '60s',
  max_ejection_percent: 30,
};
const OUTLIER_RULE =
  '{consecutive5xxErrors: 3, interval: 200ms, baseEjectionTime: 60s, maxEjectionPercent: 30}';

let dir: TempDir;
let envoy: RunningProcess;
let upstream: Server;
let port = 0;
let envoyPort = 0;
let adminPort = 0;
const failing = new Set<string>();

function send(path: string, headers: Record<string, string>) {
  return new Promise<{ body: string; status: number; cookie: string; localPort: number }>(
    (done, fail) => {
      const outgoing = request(
        { host: '127.0.0.1', port: envoyPort, path, headers, agent: false },
        (answer) => {
          let body = '';
          answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
          const localPort = outgoing.socket!.localPort!;
          answer.on('end', () =>
            done({
              body,
              status: answer.statusCode!,
              cookie: answer.headers['set-cookie']?.[0] ?? '',
              localPort,
            }),
          );
        },
      );
      outgoing.on('error', fail).end();
    },
  );
}

function clusterOf(policy: string, weights: boolean) {
  const endpoints = WEIGHTS.map(
    (weight, index) => `{address: ${addressOf(index)}, weight: ${weights ? weight : 1}}`,
  );
  const { resources, findings } = readResources([
    {
      name: 'a.yaml',
      text: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec: {hosts: [a.test], ports: [{number: ${port}, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [${endpoints.join(', ')}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec: {host: a.test, trafficPolicy: ${policy}}
`,
    },
  ]);
  expect(findings.filter((one) => one.severity === 'error')).toEqual([]);
  const set = createClusters({ table: compile(resources) });
  return { cluster: set.get('a.test', '', port, 'default')!, close: () => set.close() };
}

function bootstrap() {
  const endpoints = (weights: boolean) =>
    WEIGHTS.map((weight, index) => ({
      endpoint: { address: { socket_address: { address: addressOf(index), port_value: port } } },
      load_balancing_weight: weights ? weight : 1,
    }));
  const cluster = (name: string, weights: boolean, more: object) => ({
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints(weights) }] },
    ...more,
  });
  const route = (one: Case) => ({
    match: { prefix: `/${one.name}/` },
    route: {
      cluster: one.name,
      hash_policy: [
        POLICIES[one.name === 'query' ? 'query' : one.name === 'cookie' ? 'cookie' : 'header'],
      ],
    },
  });
  return {
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: adminPort } } },
    static_resources: {
      clusters: [
        ...CASES.map((one) => cluster(one.name, one.weights, one.lb)),
        cluster('outlier', false, { lb_policy: 'ROUND_ROBIN', outlier_detection: OUTLIER }),
      ],
      listeners: [
        {
          address: { socket_address: { address: '127.0.0.1', port_value: envoyPort } },
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type':
                      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                    stat_prefix: 'in',
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [
                            ...CASES.map(route),
                            { match: { prefix: '/outlier/' }, route: { cluster: 'outlier' } },
                          ],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: {
                          '@type':
                            'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  };
}

describe.skipIf(!hasParts('envoy'))(titleWith('balancing as Envoy does it', 'envoy'), () => {
  beforeAll(async () => {
    upstream = createServer((incoming, answer) => {
      const address = incoming.socket.localAddress ?? '';
      answer.writeHead(failing.has(address) ? 500 : 200).end(address);
    });
    await new Promise<void>((done) => upstream.listen(0, '0.0.0.0', done));
    port = (upstream.address() as AddressInfo).port;
    [envoyPort, adminPort] = (await freePorts(2)) as [number, number];
    dir = await tempDir('clover-envoy-');
    const file = join(dir.path, 'envoy.json');
    await writeFile(file, JSON.stringify(bootstrap()));
    envoy = await startProcess({
      command: requirePart('envoy'),
      args: ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '-l', 'error'],
      ready: () => answers(`http://127.0.0.1:${adminPort}/ready`),
    });
  });
  afterAll(async () => {
    await envoy?.stop();
    upstream?.closeAllConnections();
    upstream?.close();
    await dir?.remove();
  });

  it.each(CASES)('$name: every key at the same endpoint', async (one) => {
    const { cluster, close } = clusterOf(
      `{loadBalancer: {consistentHash: ${one.hash}}}`,
      one.weights,
    );
    const differing: string[] = [];
    for (let index = 0; index < 150; index++) {
      // Of all lengths that the hash treats differently.
      const user = `user-${index}-${'abcdefgh'.repeat(index % 9)}`;
      const path = `/${one.name}/?user=${user}`;
      const headers = { 'x-user': user, cookie: `other=1; user=${user}` };
      const input: HashInput = {
        header: (name) => (headers as Record<string, string>)[name],
        sourceIp: '127.0.0.1',
        path,
      };
      const { body } = await send(path, headers);
      if (cluster.pick(input, undefined)!.address !== body) differing.push(user);
    }
    close();
    expect(differing).toEqual([]);
  });

  it('generates the same cookie for the same connection', async () => {
    const { cluster, close } = clusterOf(
      '{loadBalancer: {consistentHash: {httpCookie: {name: user, path: /p, ttl: 60s}}}}',
      false,
    );
    const { cookie, body, localPort } = await send('/cookie/', {});
    const connection = `127.0.0.1:${localPort}127.0.0.1:${envoyPort}`;
    xxHash64(connection);
    expect(cookie).toContain(hashHex());
    const set: string[] = [];
    const picked = cluster.pick(
      {
        header: () => undefined,
        sourceIp: '127.0.0.1',
        path: '/',
        connection,
        setCookie: (value) => void set.push(value),
      },
      undefined,
    );
    close();
    expect(set).toEqual([cookie]);
    expect(picked!.address).toBe(body);
  });

  it('ejects as many of the failing endpoints as maxEjectionPercent lets it', async () => {
    for (const index of [1, 2, 4, 6, 8]) failing.add(addressOf(index));
    const { cluster, close } = clusterOf(
      `{loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: ${OUTLIER_RULE}}`,
      false,
    );
    for (let n = 0; n < 100; n++) {
      await send('/outlier/', {});
      const endpoint = cluster.pick(undefined, undefined)!;
      cluster.report(endpoint, failing.has(endpoint.address) ? 500 : 200);
    }
    const stat = async (name: string) => {
      const answer = await fetch(
        `http://127.0.0.1:${adminPort}/stats?filter=cluster.outlier.outlier_detection.${name}$`,
      );
      return Number(/: (\d+)/.exec(await answer.text())?.[1]);
    };
    await waitFor('the ejections', async () => (await stat('ejections_active')) === 3);
    const told = cluster as unknown as { ejections: { active: number; overflow: number } };
    expect(told.ejections.active).toBe(3);
    const theirs = await stat('ejections_overflow');
    // Two endpoints go on failing; where in the round each began is a matter of chance.
    expect(Math.abs(told.ejections.overflow - theirs)).toBeLessThanOrEqual(4);
    close();
    failing.clear();
  });
});
