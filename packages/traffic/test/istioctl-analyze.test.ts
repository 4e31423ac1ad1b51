// What `istioctl analyze` finds in broken files, `analyze` finds too, on the same resource.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyze, readResources } from '../src/index.ts';
import { exampleFolders } from './example-resources.ts';

const istioctl = process.env['ISTIOCTL'];

const head = (kind: string, name: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: default}\nspec:\n`;
const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: default}\nspec: {ports: [{port: 80, name: http}]}\n---\n';
const virtualService = (name: string, spec: string) =>
  SERVICE + head('VirtualService', name) + spec.replace(/^/gm, '  ');
const route = '[{destination: {host: a}}]';

/** Broken files, and the codes of `analyze` of which one must be there for each code of istioctl. */
const CASES: readonly [
  what: string,
  text: string,
  codes: Readonly<Record<string, readonly string[]>>,
][] = [
  [
    'a gateway that is not there',
    virtualService('vs', `hosts: [a]\ngateways: [nobody]\nhttp: [{route: ${route}}]`),
    { IST0101: ['CLV201'], IST0132: ['CLV201'] },
  ],
  [
    'a host that is not there',
    virtualService('vs', 'hosts: [a]\nhttp: [{route: [{destination: {host: b}}]}]'),
    { IST0101: ['CLV202'] },
  ],
  [
    'a subset that is not there',
    virtualService('vs', 'hosts: [a]\nhttp: [{route: [{destination: {host: a, subset: v1}}]}]'),
    { IST0101: ['CLV203'] },
  ],
  [
    'a host of a tcp rule that is not there',
    virtualService('vs', 'hosts: [a]\ntcp: [{route: [{destination: {host: b, subset: v1}}]}]'),
    { IST0101: ['CLV202'] },
  ],
  [
    'a rule after one that takes all',
    virtualService('vs', `hosts: [a]\nhttp:\n- {route: ${route}}\n- {route: ${route}}`),
    { IST0130: ['CLV301'], IST0131: ['CLV301'] },
  ],
  [
    'a match that stands twice',
    virtualService(
      'vs',
      `hosts: [a]\nhttp:\n- {match: [{uri: {prefix: /x/}}], route: ${route}}\n- {match: [{uri: {prefix: /x/}}], route: ${route}}`,
    ),
    { IST0130: ['CLV301'], IST0131: ['CLV301'] },
  ],
  [
    'tcp rules of which only the first is reached',
    virtualService('vs', `hosts: [a]\ntcp:\n- {route: ${route}}\n- {route: ${route}}`),
    { IST0130: ['CLV301'], IST0131: ['CLV301'] },
  ],
  [
    'two VirtualServices for a host',
    `${virtualService('one', `hosts: [a]\nhttp: [{route: ${route}}]`)}\n---\n${head('VirtualService', 'two')}  hosts: [a]\n  http: [{route: ${route}}]`,
    { IST0109: ['CLV210', 'CLV212'] },
  ],
  ['nothing to do', virtualService('vs', 'hosts: [a]'), { IST0106: ['CLV320'] }],
  [
    'every host of the mesh',
    virtualService('vs', `hosts: ["*"]\nhttp: [{route: ${route}}]`),
    { IST0106: ['CLV321'] },
  ],
  [
    'weights of nothing',
    virtualService(
      'vs',
      'hosts: [a]\nhttp: [{route: [{destination: {host: a}}, {destination: {host: a}}]}]',
    ),
    { IST0106: ['CLV313'] },
  ],
  [
    'a redirect beside a route',
    virtualService('vs', `hosts: [a]\nhttp: [{redirect: {uri: /x}, route: ${route}}]`),
    { IST0106: ['CLV311'] },
  ],
  [
    'look-ahead',
    virtualService('vs', `hosts: [a]\nhttp: [{match: [{uri: {regex: "(?=a)"}}], route: ${route}}]`),
    { IST0106: ['CLV318'] },
  ],
  [
    'a gateway without servers',
    `${head('Gateway', 'gw')}  selector: {a: b}`,
    { IST0106: ['CLV230'] },
  ],
  [
    'port names that stand twice',
    `${head('Gateway', 'gw')}  servers:\n  - {port: {number: 80, name: x, protocol: HTTP}, hosts: [a.com]}\n  - {port: {number: 81, name: x, protocol: HTTP}, hosts: [a.com]}`,
    { IST0106: ['CLV231'] },
  ],
  [
    'TLS without a certificate',
    `${head('Gateway', 'gw')}  servers:\n  - {port: {number: 443, name: x, protocol: HTTPS}, hosts: [a.com], tls: {mode: SIMPLE}}`,
    { IST0106: ['CLV233'] },
  ],
  [
    'a host that the gateway has no server for',
    `${head('Gateway', 'gw')}  servers:\n  - {port: {number: 80, name: x, protocol: HTTP}, hosts: [a.com]}\n---\n${virtualService('vs', `hosts: [b.com]\ngateways: [gw]\nhttp: [{route: ${route}}]`)}`,
    { IST0132: ['CLV232'] },
  ],
  [
    'TLS that checks nobody',
    `${SERVICE}${head('DestinationRule', 'dr')}  host: a\n  trafficPolicy: {tls: {mode: SIMPLE}}`,
    { IST0128: ['CLV410'] },
  ],
  [
    'TLS of a port that checks nobody',
    `${SERVICE}${head('DestinationRule', 'dr')}  host: a\n  trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}`,
    { IST0129: ['CLV410'] },
  ],
  [
    'an entry that nothing can be known by',
    `${head('ServiceEntry', 'se')}  hosts: [a.com]\n  ports: [{number: 99, name: tcp, protocol: TCP}]\n  resolution: NONE`,
    { IST0133: ['CLV240'], IST0134: ['CLV240'] },
  ],
  [
    'one port with two protocols',
    `${head('ServiceEntry', 'one')}  hosts: [a.com]\n  ports: [{number: 99, name: x, protocol: HTTP}]\n  resolution: DNS\n---\n${head('ServiceEntry', 'two')}  hosts: [a.com]\n  ports: [{number: 99, name: x, protocol: HTTPS}]\n  resolution: DNS`,
    { IST0177: ['CLV241'] },
  ],
  [
    'an unknown field',
    virtualService('vs', `hosts: [a]\nhttp: [{rout: ${route}}]`),
    { IST0106: ['CLV110'] },
  ],
];

describe.skipIf(!istioctl)('broken files, beside istioctl analyze (ISTIOCTL)', () => {
  it.each(CASES)('%s', { timeout: 90_000 }, (_, text, codes) => {
    const folder = mkdtempSync(join(tmpdir(), 'clover-analyze-'));
    try {
      const file = join(folder, 'a.yaml');
      writeFileSync(file, text);
      const theirs = istioctlSays(file);
      const mine = analyze(readResources([{ name: file, text }]));
      for (const { code, origin, message } of theirs) {
        const found = mine.filter((one) => one.resource === origin).map((one) => one.code);
        const wanted = codes[code] ?? [];
        const told = `${code} on ${origin} (${message}): ${found.join(', ') || 'nothing found'}`;
        expect(found.some((one) => wanted.includes(one)) ? '' : told).toBe('');
      }
      // istioctl passes over some of these in silence; `analyze` over none.
      const all = new Set(mine.map((one) => one.code));
      expect(
        Object.values(codes)
          .flat()
          .every((one) => all.has(one)),
      ).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(!istioctl)('the examples, beside istioctl analyze (ISTIOCTL)', () => {
  it.each([...exampleFolders()])('%s', { timeout: 90_000 }, (_, files) => {
    const theirs = istioctlSays(...files.map(({ path }) => path));
    const mine = analyze(readResources(files));
    const resources = new Set(mine.map(({ resource }) => resource));
    expect(
      theirs.filter(({ code, origin }) => !NOT_OF_ROUTING.has(code) && !resources.has(origin)),
    ).toEqual([]);
  });
});

/** IST0118: names of ports; IST0102: injection of sidecars. */
const NOT_OF_ROUTING = new Set(['IST0102', 'IST0118']);

/** Findings of istioctl; it ends with a failure when there are errors. */
function istioctlSays(
  ...files: readonly string[]
): { code: string; origin: string; message: string }[] {
  const args = ['analyze', '--use-kube=false', '-o', 'json', ...files];
  let text: string;
  try {
    text = execFileSync(istioctl!, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
    });
  } catch (error) {
    // One that was ended found nothing out.
    if ((error as { signal?: unknown }).signal) throw error;
    text = String((error as { stdout?: unknown }).stdout);
  }
  return text.trim() === ''
    ? []
    : (JSON.parse(text) as { code: string; origin: string; message: string }[]);
}
