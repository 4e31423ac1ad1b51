import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { Caller } from '../request.ts';
import { decideConnection, type Connection } from './decide-connection.ts';

const SERVICES = `apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: 10.0.0.5, ports: [{port: 5432, name: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: db2}
spec: {clusterIP: 10.0.0.6, ports: [{port: 5432, name: tcp}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ext}
spec: {hosts: [a.ext.com, b.ext.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
`;
const VS = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\n';

function decider(rest: string, caller: Caller = sidecar) {
  const read = readResources([{ name: 'a.yaml', text: `${SERVICES}---\n${rest}` }]);
  expect(read.findings).toEqual([]);
  const table = compile(read.resources);
  return (connection: Connection) => {
    const { outcome, tls, rule } = decideConnection(table, caller, connection);
    const to =
      outcome.kind === 'forward'
        ? outcome.destinations.map((one) => `${one.host.split('.')[0]}:${one.port}`).join('+')
        : outcome.kind;
    return `${tls?.mode ? `${tls.mode} ` : ''}${to}${rule ? ` by ${rule.section}[${rule.ruleIndex}]` : ''}`;
  };
}
const sidecar: Caller = { via: 'sidecar', namespace: 'default', labels: { app: 'x' } };
const gateway: Caller = { via: 'gateway', namespace: 'default', labels: { istio: 'gw' } };

describe('decideConnection', () => {
  it('a service without rules is known by its address, a TLS service without one by its name', () => {
    const decide = decider('');
    expect(decide({ port: 5432, destinationIp: '10.0.0.5' })).toBe('db:5432');
    expect(decide({ port: 5432, destinationIp: '10.0.0.6' })).toBe('db2:5432');
    expect(decide({ port: 5432, destinationIp: '10.9.9.9' })).toBe('passthrough');
    expect(decide({ port: 443, sni: 'b.ext.com' })).toBe('b:443');
    expect(decide({ port: 443, sni: 'c.ext.com' })).toBe('passthrough');
  });

  it('tcp routes: port, sourceLabels, sourceNamespace, destinationSubnets, weights', () => {
    const decide = decider(`${VS}metadata: {name: vs}
spec:
  hosts: [db]
  tcp:
  - match: [{port: 1}]
    route: [{destination: {host: db}}]
  - match: [{sourceLabels: {app: y}}, {sourceNamespace: other}]
    route: [{destination: {host: db}}]
  - match: [{destinationSubnets: [10.1.0.0/16]}]
    route: [{destination: {host: db2}}]
  - match: [{destinationSubnets: [10.1.2.0/24]}]
    route: [{destination: {host: db}}]
  - route: [{destination: {host: db}, weight: 80}, {destination: {host: db2}, weight: 20}, {destination: {host: db2}, weight: 0}]
`);
    expect(decide({ port: 5432, destinationIp: '10.1.9.1' })).toBe('db2:5432 by tcp[2]');
    expect(decide({ port: 5432, destinationIp: '10.1.2.1' })).toBe('db:5432 by tcp[3]');
    expect(decide({ port: 5432, destinationIp: '10.0.0.5' })).toBe('db:5432+db2:5432 by tcp[4]');
  });

  it('tls routes: sniHosts, the name before its wildcard', () => {
    const decide = decider(`${VS}metadata: {name: vs}
spec:
  hosts: ["*.ext.com"]
  tls:
  - match: [{port: 443, sniHosts: ["*.ext.com"]}]
    route: [{destination: {host: db}}]
  - match: [{sniHosts: [a.ext.com], gateways: [none]}]
    route: [{destination: {host: b.ext.com}}]
  - match: [{sniHosts: [a.ext.com], sourceLabels: {app: x}}]
    route: [{destination: {host: db2}}]
`);
    expect(decide({ port: 443, sni: 'A.ext.com' })).toBe('db2:5432 by tls[2]');
    expect(decide({ port: 443, sni: 'z.ext.com' })).toBe('db:5432 by tls[0]');
    expect(decide({ port: 443, sni: 'b.ext.com' })).toBe('db:5432 by tls[0]');
    expect(decide({ port: 443 })).toBe('passthrough');
  });

  it('gateway servers: HTTP, TLS modes by server name, PASSTHROUGH, TCP', () => {
    const decide = decider(
      `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  selector: {istio: gw}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"], tls: {httpsRedirect: true}}
  - {port: {number: 443, name: a, protocol: HTTPS}, hosts: [a.com], tls: {mode: SIMPLE, credentialName: a}}
  - {port: {number: 443, name: b, protocol: HTTPS}, hosts: ["*.b.com"], tls: {mode: MUTUAL, credentialName: b}}
  - {port: {number: 443, name: c, protocol: TLS}, hosts: ["*.c.com"], tls: {mode: PASSTHROUGH}}
  - {port: {number: 5432, name: d, protocol: TCP}, hosts: ["*"]}
  - {port: {number: 5433, name: e, protocol: TLS}, hosts: [e.com], tls: {mode: SIMPLE, credentialName: e}}
---
${VS}metadata: {name: c}
spec:
  hosts: ["*.c.com"]
  gateways: [gw]
  tls:
  - match: [{port: 443, sniHosts: [one.c.com]}]
    route: [{destination: {host: a.ext.com}}]
  - match: [{port: 443, sniHosts: [one.c.com, two.c.com]}]
    route: [{destination: {host: b.ext.com}}]
---
${VS}metadata: {name: d}
spec:
  hosts: ["e.com"]
  gateways: [gw]
  tcp:
  - match: [{port: 1}]
    route: [{destination: {host: db}}]
  - route: [{destination: {host: db2}}]
`,
      gateway,
    );
    expect(decide({ port: 80 })).toBe('http');
    expect(decide({ port: 443, sni: 'a.com' })).toBe('SIMPLE http');
    expect(decide({ port: 443, sni: 'x.b.com' })).toBe('MUTUAL http');
    expect(decide({ port: 443, sni: 'one.c.com' })).toBe('a:443 by tls[0]');
    expect(decide({ port: 443, sni: 'two.c.com' })).toBe('refused');
    expect(decide({ port: 443, sni: 'other.com' })).toBe('refused');
    expect(decide({ port: 5432 })).toBe('db2:5432 by tcp[1]');
    expect(decide({ port: 5433, sni: 'e.com' })).toBe('SIMPLE db2:5432 by tcp[1]');
    expect(decide({ port: 9 })).toBe('refused');
  });
});
