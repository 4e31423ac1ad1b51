import { describe, expect, it } from 'vitest';
import { CRD_SCHEMAS } from '../gen/crd-schemas.ts';
import type { FieldSchema } from '../read/field-schema.ts';
import { readResources } from '../read/read-resources.ts';
import { SERVICE_SCHEMA } from '../read/service-schema.ts';
import { analyze } from './analyze.ts';
import { ENFORCEMENT } from './enforcement.ts';

/** All fields in which nothing more lies, as the table writes them. */
function leaves(schema: FieldSchema, path = ''): string[] {
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, one]) =>
      leaves(one, path === '' ? name : `${path}.${name}`),
    );
  if (schema.items) return leaves(schema.items, `${path}[]`);
  return schema.additionalProperties ? leaves(schema.additionalProperties, `${path}{}`) : [path];
}

const SCHEMAS: Readonly<Record<string, FieldSchema>> = { ...CRD_SCHEMAS, Service: SERVICE_SCHEMA };

describe('what is enforced', () => {
  it.each(Object.entries(SCHEMAS))('every field of a %s stands in the table', (kind, schema) => {
    const entries = Object.keys(ENFORCEMENT[kind]!);
    const within = (leaf: string, entry: string) =>
      leaf === entry || ['.', '[]', '{}'].some((after) => leaf.startsWith(entry + after));
    const all = leaves(schema);
    expect(all.filter((leaf) => !entries.some((entry) => within(leaf, entry)))).toEqual([]);
    expect(entries.filter((entry) => !all.some((leaf) => within(leaf, entry)))).toEqual([]);
  });

  const read = (kind: string, spec: string) =>
    analyze(
      readResources([
        {
          name: 'a.yaml',
          text: `apiVersion: ${kind === 'Service' ? '' : 'networking.istio.io/'}v1\nkind: ${kind}\nmetadata: {name: x}\nspec: ${spec}\n`,
        },
      ]),
    )
      .filter((one) => one.code === 'CLV420')
      .map((one) => one.field);

  it.each([
    [
      'Sidecar',
      '{egress: [{port: {number: 1, protocol: TCP, name: a}, bind: 1.1.1.1, captureMode: NONE, hosts: ["*/*"]}], ingress: [{port: {number: 1, protocol: TCP, name: a}, defaultEndpoint: 127.0.0.1:1}], inboundConnectionPool: {tcp: {maxConnections: 1}}, outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b, port: {number: 1}}}}',
      [
        'spec.egress[0].bind',
        'spec.egress[0].captureMode',
        'spec.egress[0].port',
        'spec.inboundConnectionPool',
        'spec.ingress',
        'spec.outboundTrafficPolicy.egressProxy',
      ],
    ],
    // What is no duration is refused elsewhere, and does not count.
    ['DestinationRule', '{host: a.b, trafficPolicy: {retryBudget: {budgetInterval: soon}}}', []],
    [
      'DestinationRule',
      '{host: a.b, trafficPolicy: {retryBudget: {percent: 10, minRetryConcurrency: 1, budgetInterval: 2s}}, subsets: [{name: v, trafficPolicy: {retryBudget: {budgetInterval: 0s}}}]}',
      ['spec.trafficPolicy.retryBudget.budgetInterval'],
    ],
    [
      'VirtualService',
      '{hosts: [a.b], http: [{retries: {attempts: 1, retryRemoteLocalities: true, retryIgnorePreviousHosts: false, backoff: 1s}, route: [{destination: {host: a.b}}]}]}',
      [
        'spec.http[0].retries.retryIgnorePreviousHosts',
        'spec.http[0].retries.retryRemoteLocalities',
      ],
    ],
    [
      'VirtualService',
      '{hosts: [a.b], gateways: [g], http: [{match: [{headers: {"@request.auth.claims.sub": {exact: a}}}], route: [{destination: {host: a.b}}]}]}',
      ['spec.http[0].match[0].headers.@request.auth.claims.sub'],
    ],
    [
      'DestinationRule',
      '{host: a.b, trafficPolicy: {portLevelSettings: [{port: {number: 1}, connectionPool: {http: {useClientProtocol: true}, tcp: {tcpKeepalive: {probes: 3, interval: 1s}}}}]}}',
      [
        'spec.trafficPolicy.portLevelSettings[0].connectionPool.http.useClientProtocol',
        'spec.trafficPolicy.portLevelSettings[0].connectionPool.tcp.tcpKeepalive',
      ],
    ],
    [
      'Gateway',
      '{servers: [{bind: 1.1.1.1, defaultEndpoint: a, port: {number: 443, name: a, protocol: TLS}, hosts: [a.b], tls: {mode: AUTO_PASSTHROUGH, verifyCertificateSpki: [a]}}]}',
      [
        'spec.servers[0].bind',
        'spec.servers[0].defaultEndpoint',
        'spec.servers[0].tls.mode',
        'spec.servers[0].tls.verifyCertificateSpki',
      ],
    ],
    [
      'ServiceEntry',
      '{hosts: ["*.b.c"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS}',
      ['spec.resolution'],
    ],
    [
      'Service',
      '{type: ExternalName, externalName: a.b, sessionAffinity: ClientIP}',
      ['spec.externalName', 'spec.sessionAffinity', 'spec.type'],
    ],
  ])('says of a %s what is not', (kind, spec, fields) => {
    expect(read(kind, spec).toSorted()).toEqual(fields);
  });
});
