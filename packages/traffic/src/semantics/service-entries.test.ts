// Istio's routing semantics: ServiceEntries. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { ask, sidecar } from '../../test/support/semantics.ts';
import { compile } from '../compile.ts';
import { decideConnection } from '../connection/decide-connection.ts';
import { readResources } from '../read/read-resources.ts';

const entry = (spec: string, name = 'ext') =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: ${name}}\nspec: {${spec}}\n---\n`;
const HTTP = 'ports: [{number: 80, name: http, protocol: HTTP}]';
const tableOf = (text: string) => {
  const read = readResources([{ name: 'a.yaml', text }]);
  expect(read.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return compile(read.resources);
};
const service = (text: string, host = 'ext.com') => tableOf(text).services.get(host)!;

describe('ServiceEntry', () => {
  it('declares hosts: requests to them have a virtual host, also where the registry alone may be reached', () => {
    const mesh = { outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
    const at = (host: string) =>
      ask(entry(`hosts: [ext.com], ${HTTP}, resolution: DNS`), '/', {
        mesh,
        headers: { host },
      }).outcome;
    expect(at('EXT.com:80')).toMatchObject({
      kind: 'forward',
      action: { destinations: [{ host: 'ext.com', port: 80 }] },
    });
    expect(at('other.com').kind).toBe('blocked');
  });
  it('a wildcard host takes every name below it', () => {
    const at = (host: string) =>
      ask(entry(`hosts: ["*.wild.com"], ${HTTP}, resolution: NONE`), '/', { headers: { host } })
        .virtualHost;
    expect([at('a.wild.com'), at('wild.com')]).toEqual(['*.wild.com:80', undefined]);
  });
  it('resolution: NONE when it says nothing', () => {
    expect(service(entry(`hosts: [ext.com], ${HTTP}`)).resolution).toBe('NONE');
    for (const resolution of ['STATIC', 'DNS', 'DNS_ROUND_ROBIN'])
      expect(
        service(entry(`hosts: [ext.com], ${HTTP}, resolution: ${resolution}`)).resolution,
      ).toBe(resolution);
  });
  it('location: outside of the mesh when it says nothing', () => {
    const external = (more: string) =>
      service(entry(`hosts: [ext.com], ${HTTP}, resolution: DNS${more}`)).external;
    expect([
      external(''),
      external(', location: MESH_EXTERNAL'),
      external(', location: MESH_INTERNAL'),
    ]).toEqual([true, true, false]);
  });
  it('endpoints, or the WorkloadEntries of its namespace that workloadSelector selects', () => {
    const listed = service(
      entry(
        `hosts: [ext.com], ${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1, labels: {v: "1"}, ports: {http: 8080}}]`,
      ),
    );
    expect(listed.endpoints).toMatchObject([{ address: '10.0.0.1', ports: { http: 8080 } }]);
    const workload = (name: string, namespace: string, app: string) =>
      `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {address: 10.0.0.${name.length}, labels: {app: ${app}}}\n---\n`;
    const selected = service(
      entry(
        `hosts: [ext.com], ${HTTP}, resolution: STATIC, location: MESH_INTERNAL, workloadSelector: {labels: {app: ext}}`,
      ) +
        workload('w', 'default', 'ext') +
        workload('ww', 'default', 'other') +
        workload('www', 'other', 'ext'),
    );
    expect(selected.endpoints.map(({ address }) => address)).toEqual(['10.0.0.1']);
  });
  it('addresses are names of the service for HTTP, and tell connections apart', () => {
    const text = entry(`hosts: [ext.com], addresses: [240.0.0.1], ${HTTP}, resolution: STATIC`);
    expect(ask(text, '/', { headers: { host: '240.0.0.1' } }).virtualHost).toBe('ext.com:80');
    const tcp = (name: string, address: string) =>
      entry(
        `hosts: [${name}.com], addresses: [${address}], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: NONE`,
        name,
      );
    const table = tableOf(tcp('one', '10.1.0.0/16') + tcp('two', '10.2.0.0/16'));
    const to = (destinationIp: string) =>
      decideConnection(table, sidecar, { port: 5432, destinationIp }).chain;
    expect([to('10.1.2.3'), to('10.2.2.3'), to('10.3.2.3')]).toEqual([
      'one.com',
      'two.com',
      undefined,
    ]);
  });
  it('exportTo: for its own namespace only with ".", for nobody with "~"', () => {
    const at = (exportTo: string, namespace = 'default') =>
      ask(entry(`hosts: [ext.com], ${HTTP}, resolution: DNS, exportTo: [${exportTo}]`), '/', {
        headers: { host: 'ext.com' },
        caller: { ...sidecar, namespace },
      }).virtualHost;
    expect([
      at('"."'),
      at('"."', 'other'),
      at('other', 'other'),
      at('"~"'),
      at('"*"', 'other'),
    ]).toEqual(['ext.com:80', undefined, 'ext.com:80', undefined, 'ext.com:80']);
  });
  it('of two for one host the first stays', () => {
    const two =
      entry(`hosts: [ext.com], ${HTTP}, resolution: DNS`, 'one') +
      entry(
        `hosts: [ext.com], ${HTTP}, resolution: STATIC, endpoints: [{address: 10.0.0.1}]`,
        'two',
      );
    expect(service(two).resolution).toBe('DNS');
  });
  it('subjectAltNames and targetPort are kept for whoever connects', () => {
    const one = service(
      entry(
        'hosts: [ext.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], resolution: DNS, subjectAltNames: [spiffe://x/ns/y/sa/z]',
      ),
    );
    expect([one.ports[0]!.targetPort, one.subjectAltNames]).toEqual([
      8080,
      ['spiffe://x/ns/y/sa/z'],
    ]);
  });
});
