import { expect, it } from 'vitest';
import { readResources } from '@clover/traffic';
import { gatewaysOf } from './gateways.ts';

const gateway = (name: string, selector: string, port: number) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}}
spec:
  selector: {${selector}}
  servers:
  - {port: {number: ${port}, name: http, protocol: HTTP}, hosts: ['*']}
`;
const read = (...texts: string[]) =>
  readResources([{ name: 'a.yaml', text: texts.join('') }]).resources;

it('knows the gateways of Istio by their labels, and puts what they serve together', () => {
  const resources = read(
    gateway('a', 'istio: ingressgateway', 80),
    gateway('b', 'app: istio-ingressgateway', 8080),
    gateway('c', 'istio: egressgateway', 80),
  );
  expect(gatewaysOf(resources, new Map([[80, 18080]]))).toMatchObject([
    { name: 'istio-ingressgateway', namespace: 'istio-system', ports: { 80: 18080, 8080: 0 } },
    { name: 'istio-egressgateway', ports: { 80: 0 } },
  ]);
});

it('makes one for any other selector', () => {
  expect(gatewaysOf(read(gateway('a', 'istio: clover', 80)), new Map())).toEqual([
    { name: 'clover', namespace: 'default', labels: { istio: 'clover' }, ports: { 80: 0 } },
  ]);
});

it('has none where no Gateway asks for one', () => {
  expect(gatewaysOf([], new Map())).toEqual([]);
});
