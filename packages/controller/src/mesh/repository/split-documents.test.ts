import { expect, it } from 'vitest';
import { splitDocuments } from './split-documents.ts';

const split = (text: string, namespace = 'default') =>
  splitDocuments([{ name: 'a.yaml', text }], namespace);

it('gives a text to each document, with its comments', () => {
  expect(
    split(`# the gateway
kind: Gateway
metadata: {name: sdc}
---
# weights
kind: VirtualService
metadata:
  name: lb # both versions
  namespace: shop
`),
  ).toEqual([
    {
      kind: 'Gateway',
      namespace: 'default',
      name: 'sdc',
      text: '# the gateway\nkind: Gateway\nmetadata: {name: sdc}\n',
    },
    {
      kind: 'VirtualService',
      namespace: 'shop',
      name: 'lb',
      text: '# weights\nkind: VirtualService\nmetadata:\n  name: lb # both versions\n  namespace: shop\n',
    },
  ]);
});

it('writes JSON as YAML, and a list as its items', () => {
  expect(
    split('{"kind":"List","items":[{"kind":"Gateway","metadata":{"name":"a"}}]}').map(
      ({ text }) => text,
    ),
  ).toEqual(['kind: Gateway\nmetadata:\n  name: a\n']);
  expect(split('{"kind":"Gateway","metadata":{"name":"a"}}')[0]!.text).toBe(
    'kind: Gateway\nmetadata:\n  name: a\n',
  );
});

it('writes the namespace into a text that has none, unless it is default', () => {
  const text = 'kind: Gateway\nmetadata:\n  name: a\n';
  expect(split(text, 'shop')[0]!.text).toBe(`${text}  namespace: shop\n`);
  expect(split(text)[0]!.text).toBe(text);
});

it('passes over what is empty, broken or nameless', () => {
  expect(split('---\n---\nkind: [\n---\nkind: Gateway\n')).toEqual([]);
});
