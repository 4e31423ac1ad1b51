// Whatever stands in a file: reading, validating, compiling and analysing it, and deciding by it, never throw.

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { analyze } from './analyze/analyze.ts';
import { compile } from './compile.ts';
import { decide } from './decide.ts';
import { CRD_SCHEMAS, GATEWAY_API_SCHEMAS } from './gen/crd-schemas.ts';
import type { FieldSchema } from './read/field-schema.ts';
import { readResources } from './read/read-resources.ts';
import { SECURITY_SCHEMAS } from './read/security-schemas.ts';
import { SERVICE_SCHEMA } from './read/service-schema.ts';

const TEXTS = [
  'a',
  'b',
  'v1',
  '*',
  '*.b.com',
  'a.default.svc.cluster.local',
  '/a',
  '/',
  '',
  '(',
  '.*',
  '/(a|b)',
  '[a-z]+',
  '10.0.0.1',
  '10.0.0.0/8',
  'default',
  'mesh',
  'GET',
  'HTTP',
  'HTTPS',
  'TCP',
  'x-user',
  ':path',
  'host',
  '1s',
  '5xx',
  '%REQ(x)%',
  '100%',
  '\\1',
  '\\',
  '$',
  'aGk=',
  '!',
  '~',
  '.',
  '__proto__',
  'constructor',
];
const NUMBERS = [-1, 0, 1, 80, 100, 200, 302, 503, 999, 65535, 70000, 0.5, 1e9];

/** Values that mostly have the form of the schema, now and then any other. */
function valueOf(schema: FieldSchema, depth = 0): fc.Arbitrary<unknown> {
  const any = fc.constantFrom<unknown>(null, 1, 'x', [], {}, [null], { a: null }, true);
  return fc.oneof({ weight: 60, arbitrary: formOf(schema, depth) }, { weight: 1, arbitrary: any });
}

function formOf(schema: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string']) return fc.constantFrom<unknown>('http', 80);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.duration) return fc.constantFrom('1s', '250ms', '1h');
  switch (schema.type) {
    case 'object': {
      if (schema.additionalProperties)
        return fc.dictionary(
          fc.constantFrom(...TEXTS),
          valueOf(schema.additionalProperties, depth + 1),
          { maxKeys: 2 },
        );
      const names = Object.keys(schema.properties ?? {});
      const exclusive = schema.atMostOne ?? [];
      const fields = Object.fromEntries(
        names.map((name) => [
          name,
          fc.constant(null).chain(() => valueOf(schema.properties![name]!, depth + 1)),
        ]),
      );
      return fc
        .subarray(names, {
          maxLength: Math.min(names.length, Math.max(1, 5 - Math.floor(depth / 2))),
        })
        .chain((chosen) => {
          const free = chosen.filter((name) => !exclusive.includes(name));
          const one = chosen.find((name) => exclusive.includes(name));
          const kept = [...new Set([...free, ...(one ? [one] : []), ...(schema.required ?? [])])];
          return fc.record(
            Object.fromEntries(
              kept.filter((name) => name in fields).map((name) => [name, fields[name]!]),
            ),
          );
        });
    }
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth + 1), {
        minLength: schema.minItems ?? 0,
        maxLength: 3,
      });
    case 'integer':
      return fc.constantFrom(...NUMBERS.filter(Number.isInteger));
    case 'number':
      return fc.constantFrom(...NUMBERS);
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constantFrom(...TEXTS);
  }
}

const KINDS: readonly (readonly [string, string, FieldSchema])[] = [
  ...Object.entries(CRD_SCHEMAS).map(
    ([kind, schema]) => ['networking.istio.io/v1', kind, schema] as const,
  ),
  ...Object.entries(GATEWAY_API_SCHEMAS).map(
    ([kind, schema]) => ['gateway.networking.k8s.io/v1', kind, schema] as const,
  ),
  ...Object.entries(SECURITY_SCHEMAS).map(
    ([kind, schema]) => ['security.istio.io/v1', kind, schema] as const,
  ),
  ['v1', 'Service', SERVICE_SCHEMA],
];

const resource = fc.constantFrom(...KINDS).chain(([apiVersion, kind, schema]) =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant(kind),
    metadata: fc.record({
      name: fc.constantFrom('a', 'b', 'gw'),
      namespace: fc.constantFrom('default', 'other'),
    }),
    spec: valueOf(schema),
  }),
);

const CALLERS = [
  { via: 'sidecar', namespace: 'default', labels: { app: 'a' } },
  { via: 'gateway', namespace: 'default', labels: {} },
] as const;

describe('any resources', () => {
  it(
    'are read, validated, compiled, analysed and decided by without a crash',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(fc.array(resource, { minLength: 1, maxLength: 4 }), (items) => {
          const text = JSON.stringify({ kind: 'List', items });
          const read = readResources([{ name: 'a.yaml', text }]);
          analyze(read);
          for (const resources of [read.resources, [...read.resources, ...(read.refused ?? [])]]) {
            const table = compile(resources);
            for (const caller of CALLERS)
              for (const path of ['/', '/a', '/b?a=b'])
                decide(table, caller, {
                  method: 'GET',
                  path,
                  port: 80,
                  headers: { host: 'a.b.com', 'x-user': 'a' },
                });
          }
        }),
        { numRuns: Number(process.env['CLOVER_FUZZ_RUNS'] ?? 300) },
      );
    },
  );

  it('nor do other documents crash it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.constantFrom(
            'a: &a [x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]',
            'kind: 5\napiVersion: [v1]',
            'apiVersion: v1\nkind: Service\nmetadata: 5',
            'apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: [x]}',
            '*x',
            'apiVersion: a/b/c\nkind: toString',
            'apiVersion: constructor/v1\nkind: constructor',
          ),
        ),
        (text) => void analyze(readResources([{ name: 'a.yaml', text }])),
      ),
    );
  });
});
