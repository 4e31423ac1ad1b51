import { expect, it } from 'vitest';
import { completeYaml, type FieldSchema } from './complete-yaml.ts';

const destination: FieldSchema = {
  type: 'object',
  required: ['host'],
  properties: { host: { type: 'string' }, subset: { type: 'string' } },
};
const kinds: Record<string, FieldSchema> = {
  VirtualService: {
    type: 'object',
    properties: {
      hosts: { type: 'array', items: { type: 'string' } },
      http: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            timeout: { type: 'string', duration: true },
            route: { type: 'array', items: { type: 'object', properties: { destination } } },
          },
        },
      },
    },
  },
};
const known = { hosts: ['http-lb'], subsets: ['v1', 'v2'], gateways: ['front'] };
const HEAD = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\n';

function offered(text: string) {
  const offset = text.indexOf('|');
  const { from, proposals } = completeYaml(text.replace('|', ''), offset, kinds, known);
  return { from, texts: proposals.map((one) => one.text) };
}

it('offers the fields of a kind, what is required first, and opens what they hold', () => {
  expect(offered(`${HEAD}spec:\n  |`).texts).toEqual(['hosts:\n    - ', 'http:\n    - ']);
  expect(offered(`${HEAD}spec:\n  http:\n  - route:\n    - destination:\n        |`).texts).toEqual(
    ['host: ', 'subset: '],
  );
});

it('leaves out what stands there already', () => {
  expect(offered(`${HEAD}spec:\n  hosts: [a]\n  |`).texts).toEqual(['http:\n    - ']);
  expect(offered(`${HEAD}|`).texts).toEqual(['metadata:\n  ', 'spec:\n  ']);
});

it('offers kinds, hosts, subsets and gateways that there are', () => {
  expect(offered('kind: |').texts).toContain('DestinationRule');
  const route = `${HEAD}spec:\n  http:\n  - route:\n    - destination: { `;
  expect(offered(`${route}host: |`).texts).toEqual(['http-lb']);
  expect(offered(`${route}host: a, subset: v|`)).toMatchObject({ texts: ['v1', 'v2'] });
  expect(offered(`${route}|`).texts).toEqual(['host: ', 'subset: ']);
});

it('offers nothing where nothing is known', () => {
  expect(offered('kind: Odd\nspec:\n  |').texts).toEqual([]);
});
