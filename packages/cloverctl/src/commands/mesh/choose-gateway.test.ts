import { CloverError } from '@clover/model/errors';
import { expect, it } from 'vitest';
import { chooseGateway } from './choose-gateway.ts';

const gateway = (full: string, ...ports: number[]) => {
  const [namespace, name] = full.split('/') as [string, string];
  return {
    name,
    namespace,
    labels: {},
    listeners: ports.map((port) => ({ port, address: `${full}:${port}` })),
  };
};
const INGRESS = gateway('istio-system/istio-ingressgateway', 80, 443);
const EGRESS = gateway('istio-system/istio-egressgateway', 443, 8443);
const OWN = gateway('default/own', 8080);

const choose = (
  gateways: ReturnType<typeof gateway>[],
  name?: string,
  port?: number,
): string | readonly [string, string | undefined] => {
  try {
    return chooseGateway(gateways, { name, port });
  } catch (error) {
    if (!(error instanceof CloverError)) throw error;
    return [error.message, error.hint];
  }
};

it('means the ingress gateway where nobody is named, whatever the order', () => {
  expect(choose([EGRESS, OWN, INGRESS])).toBe('istio-system/istio-ingressgateway:80');
  expect(choose([EGRESS, INGRESS], undefined, 443)).toBe('istio-system/istio-ingressgateway:443');
});

it('means the only one that listens so', () => {
  expect(choose([OWN])).toBe('default/own:8080');
  expect(choose([EGRESS, INGRESS, OWN], undefined, 8443)).toBe(
    'istio-system/istio-egressgateway:8443',
  );
});

it('does not guess between others', () => {
  expect(choose([EGRESS, OWN])).toEqual([
    '2 gateways listen',
    'name one of istio-egressgateway, own',
  ]);
  const twin = gateway('shop/own', 8080);
  const said = ['2 gateways listen', 'name one of default/own, shop/own'];
  expect(choose([OWN, twin])).toEqual(said);
  expect(choose([OWN, twin], 'own')).toEqual(said);
  expect(choose([OWN, twin], 'shop/own')).toBe('shop/own:8080');
});

it('finds one by its name', () => {
  expect(choose([INGRESS, EGRESS], 'istio-egressgateway', 443)).toBe(
    'istio-system/istio-egressgateway:443',
  );
  expect(choose([INGRESS, OWN], 'own')).toBe('default/own:8080');
});

it('says what there is instead', () => {
  expect(choose([])).toEqual(['no gateway listens', 'a Gateway resource opens one: `apply -f` it']);
  expect(choose([gateway('default/shut')])).toEqual(choose([]));
  expect(choose([INGRESS, EGRESS], 'egressgateway')).toEqual([
    'no gateway egressgateway listens',
    'did you mean istio-egressgateway?',
  ]);
  expect(choose([INGRESS, OWN], 'front')).toEqual([
    'no gateway front listens',
    'there is istio-ingressgateway, own',
  ]);
  expect(choose([INGRESS, OWN], undefined, 22)).toEqual([
    'no gateway listens for port 22',
    'istio-ingressgateway listens for 80, 443; own listens for 8080',
  ]);
  expect(choose([INGRESS, OWN], 'own', 80)).toEqual([
    'no gateway own listens for port 80',
    'own listens for 8080',
  ]);
});
