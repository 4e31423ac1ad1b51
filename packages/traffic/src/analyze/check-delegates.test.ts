import { expect, it } from 'vitest';
import { readResources } from '../read/read-resources.ts';
import { analyze } from './analyze.ts';

const virtualService = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
const found = (...texts: readonly string[]) =>
  analyze(readResources([{ name: 'a.yaml', text: texts.join('') }]))
    .filter(({ code }) => ['CLV214', 'CLV215', 'CLV308'].includes(code))
    .map((one) => `${one.code} ${one.resource} ${one.field}`);
const TO = 'route: [{destination: {host: a}}]';
const ROOT = virtualService(
  'root',
  '{hosts: [a], http: [{match: [{uri: {prefix: /a}}], delegate: {name: d}}]}',
);

it('finds delegates that nobody uses, that are none, and rules that are dropped', () => {
  expect(
    found(ROOT, virtualService('d', `{http: [{match: [{uri: {prefix: /a/b}}], ${TO}}]}`)),
  ).toEqual([]);
  expect(found(virtualService('d', `{http: [{${TO}}]}`))).toEqual([
    'CLV215 VirtualService default/d spec',
  ]);
  expect(found(ROOT, virtualService('d', `{hosts: [b], http: [{${TO}}]}`))).toEqual([
    'CLV214 VirtualService default/root spec.http[0].delegate',
  ]);
  expect(
    found(ROOT, virtualService('d', `{http: [{match: [{uri: {prefix: /b}}], ${TO}}]}`)),
  ).toEqual(['CLV308 VirtualService default/d spec.http[0]']);
});
