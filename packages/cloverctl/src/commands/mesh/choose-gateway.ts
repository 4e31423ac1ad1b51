// Which listener of which gateway is meant by a name, a port, or neither.

import type { MeshAnswer } from '@clover/model';
import { CloverError } from '@clover/model/errors';
import { nearest } from '@clover/model/nearest';
import { CLOVERCTL_ERRORS } from '../../errors.ts';

type Gateway = MeshAnswer['gateways'][number];

interface Wanted {
  /** As `get mesh` has it, or NAMESPACE/NAME. */
  readonly name: string | undefined;
  readonly port: number | undefined;
}

const INGRESS = 'istio-ingressgateway';
const HTTP_PORT = 80;

/**
 * Its HOST:PORT. Without a name the ingress gateway is meant where it listens, otherwise the only one that does;
 * without a port 80, otherwise the gateway's first. Throws `cloverctl.no_gateway`, `cloverctl.which_gateway`.
 */
export function chooseGateway(gateways: readonly Gateway[], wanted: Wanted): string {
  const { name, port } = wanted;
  const listening = gateways.filter(({ listeners }) => listeners.length > 0);
  const named = listening.filter((one) => name === undefined || isNamed(one, name));
  const found = named.filter(
    ({ listeners }) => port === undefined || listeners.some((one) => one.port === port),
  );
  if (found.length === 0) throw noGateway(listening, named, wanted);
  const ingress = name === undefined ? found.filter((one) => one.name === INGRESS) : [];
  const [chosen, ...others] = ingress.length > 0 ? ingress : found;
  if (others.length > 0) throw whichGateway(found);
  const { listeners } = chosen!;
  return (listeners.find((one) => one.port === (port ?? HTTP_PORT)) ?? listeners[0]!).address;
}

const fullName = ({ namespace, name }: Gateway) => `${namespace}/${name}`;
const isNamed = (one: Gateway, name: string) => one.name === name || fullName(one) === name;
const portsOf = ({ listeners }: Gateway) => listeners.map(({ port }) => port).join(', ');

function noGateway(
  listening: readonly Gateway[],
  named: readonly Gateway[],
  { name, port }: Wanted,
): CloverError {
  const error = (message: string, hint: string) =>
    new CloverError(CLOVERCTL_ERRORS.noGateway, message, { status: 404, hint });
  if (listening.length === 0)
    return error('no gateway listens', 'a Gateway resource opens one: `apply -f` it');
  if (named.length === 0) {
    const all = listening.map((one) => one.name);
    const close = name === undefined ? undefined : nearest(name, all);
    return error(
      `no gateway ${name} listens`,
      close === undefined ? `there is ${namesOf(listening)}` : `did you mean ${close}?`,
    );
  }
  return error(
    `no gateway${name === undefined ? '' : ` ${name}`} listens for port ${port}`,
    named.map((one) => `${one.name} listens for ${portsOf(one)}`).join('; '),
  );
}

function whichGateway(found: readonly Gateway[]): CloverError {
  return new CloverError(CLOVERCTL_ERRORS.whichGateway, `${found.length} gateways listen`, {
    status: 409,
    hint: `name one of ${namesOf(found)}`,
  });
}

/** With the namespace where the name alone is not enough. */
function namesOf(gateways: readonly Gateway[]): string {
  const names = gateways.map(({ name }) => name);
  return gateways
    .map((one) => (names.filter((name) => name === one.name).length > 1 ? fullName(one) : one.name))
    .join(', ');
}
