import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import { connectionText } from './connection-effect.ts';
import { diffTables, type DiffSide } from './diff-tables.ts';

const SERVICES = `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {ports: [{port: 5432, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: secure}
spec: {ports: [{port: 443, name: tls}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8443, name: tls, protocol: TLS}, hosts: ['*'], tls: {mode: PASSTHROUGH}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db}
spec:
  host: db
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
`;
const side = (rest: string): DiffSide => {
  const read = readResources([{ name: 'a.yaml', text: SERVICES + rest }]);
  expect(read.findings).toEqual([]);
  return { table: compile(read.resources), resources: read.resources };
};
const told = (before: string, after: string) => {
  const found = diffTables(side(before), side(after));
  expect(found.complete).toBe(true);
  return found.connections.map(({ witness, changes, effects, callers }) => ({
    sni: witness.connection.sni,
    ip: witness.connection.destinationIp,
    from: connectionText(effects.before.decision),
    changes: changes.map(({ kind, text }) => `${kind}: ${text}`),
    callers: callers.length,
  }));
};
const VS = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\n';
const db = (v1: number, v2: number, match = '') => `${VS}metadata: {name: db}
spec:
  hosts: [db]
  tcp:
  - ${match}
    route: [{destination: {host: db, subset: v1}, weight: ${v1}}, {destination: {host: db, subset: v2}, weight: ${v2}}]
`;
const HOST = 'db.default.svc.cluster.local:5432';

describe('connections that would meet something else', () => {
  it('are told when the shares of a tcp route change, and for whom', () => {
    expect(told(db(70, 30), db(70, 30))).toEqual([]);
    expect(told(db(70, 30), db(10, 90))).toEqual([
      {
        sni: undefined,
        ip: undefined,
        from: `${HOST} v1 70 %, ${HOST} v2 30 %`,
        changes: [
          `destination: ${HOST} v1: 70 % becomes 10 %`,
          `destination: ${HOST} v2: 30 % becomes 90 %`,
        ],
        callers: 1,
      },
    ]);
    const only = 'match: [{sourceLabels: {app: x}}]';
    const [one, ...more] = told(db(70, 30, only), db(10, 90, only));
    expect([one?.callers, more]).toEqual([1, []]);
  });

  it('are found in every part of nested ranges', () => {
    const at = (range: string) => db(1, 1, `match: [{destinationSubnets: [${range}]}]`);
    expect(told(at('10.1.0.0/16'), at('10.1.0.0/17')).map(({ ip }) => ip)).toEqual(['10.1.128.0']);
  });

  it('are told for a gateway’s TLS by server name, and for policies of the destination', () => {
    const secure = (name: string) => `${VS}metadata: {name: edge}
spec:
  hosts: ['*']
  gateways: [edge]
  tls:
  - match: [{sniHosts: [${name}]}]
    route: [{destination: {host: secure}}]
`;
    expect(told(secure('a.com'), secure("'*.com'")).map(({ sni }) => sni)).toEqual([
      'clover-any.com',
    ]);
    const limited = SERVICES.replace(
      'host: db',
      'host: db\n  trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}',
    );
    const read = readResources([{ name: 'b.yaml', text: limited }]);
    const found = diffTables(side(''), {
      table: compile(read.resources),
      resources: read.resources,
    });
    expect(found.connections.flatMap(({ changes }) => changes.map(({ text }) => text))).toEqual([
      `${HOST}: connectionPool.tcp.maxConnections none becomes 5`,
    ]);
  });
});
