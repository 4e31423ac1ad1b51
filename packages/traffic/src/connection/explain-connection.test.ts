import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { Caller } from '../request.ts';
import { connectionTo, explainConnection } from './explain-connection.ts';

const MESH = `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {ports: [{port: 5432, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {ports: [{port: 5432, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: secure}
spec: {ports: [{port: 443, name: tls}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cache}
spec:
  hosts: [cache]
  tcp:
  - match: [{sourceLabels: {app: other}}]
    route: [{destination: {host: db}}]
  - match: [{destinationSubnets: [10.1.0.0/16]}]
    route: [{destination: {host: db}}]
  - route: [{destination: {host: cache}, weight: 70}, {destination: {host: db}, weight: 30}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: secure}
spec:
  hosts: [secure, other.com]
  tls:
  - match: [{sniHosts: [secure]}, {sniHosts: [other.com]}]
    route: [{destination: {host: secure}}]
`;
const caller: Caller = { via: 'sidecar', namespace: 'default', labels: { app: 'front' } };
const table = compile(readResources([{ name: 'a.yaml', text: MESH }]).resources);

function explained(host: string, port: number, sni?: string) {
  const { outcome, rules } = explainConnection(
    table,
    caller,
    connectionTo(table, caller, { host, port, sni }),
  );
  const to =
    outcome.kind === 'forward'
      ? outcome.destinations.map((one) => `${one.host.split('.')[0]} ${one.probability}`)
      : outcome.kind;
  const told = rules.map(
    ({ ref, verdict, reason }) => `${ref.section}[${ref.ruleIndex}] ${verdict}: ${reason}`,
  );
  return { to, told };
}

describe('explaining a connection', () => {
  it('goes to the service that is named, whatever else has the port, with the fate of each route', () => {
    for (const name of ['cache', 'cache.default', 'cache.default.svc.cluster.local'])
      expect(explained(name, 5432).to).toEqual(['cache 0.7', 'db 0.3']);
    expect(explained('cache', 5432).told).toEqual([
      'tcp[0] closed: the caller has no label app=other',
      'tcp[1] failed: wants address in 10.1.0.0/16; the connection has an address nobody knows',
      'tcp[2] matched: takes every connection',
    ]);
    expect(explained('db', 5432)).toEqual({ to: ['db 1'], told: [] });
    expect(explained('10.1.2.3', 5432).to).toEqual(['db 1']);
    expect(explained('nobody', 5433).to).toBe('passthrough');
  });

  it('goes by the server name of its TLS', () => {
    expect(explained('secure', 443, 'secure').told).toEqual([
      'tls[0] matched: server name secure',
      'tls[0] failed: wants server name other.com; the connection has server name secure',
    ]);
    expect(explained('secure', 443, 'third.com').to).toBe('passthrough');
    expect(explained('secure', 443).to).toBe('passthrough');
  });
});
