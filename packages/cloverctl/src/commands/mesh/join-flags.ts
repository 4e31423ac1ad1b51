// What `mesh run` and `mesh add` are told about a program.
import { nearest } from '@clover/model/nearest';
import type { Flag } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { namespaceFlag } from '../resources/names.ts';

/** Those that Istio knows a service port by. */
const PROTOCOLS = 'HTTP HTTPS HTTP2 GRPC GRPC-WEB TCP TLS UDP MONGO MYSQL REDIS'.split(' ');
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

export const joinFlags: readonly Flag[] = [
  { name: 'service', value: 'NAME', says: 'the service that it is one of', completes: 'service' },
  { name: 'label', value: 'KEY=VALUE', many: true, says: 'a label, such as version=v1' },
  {
    name: 'port',
    value: 'PORT[:TARGET]',
    many: true,
    says: 'a port of the service, and the program’s own; may be repeated',
  },
  { name: 'protocol', value: 'NAME', says: 'of the ports: HTTP (default), HTTP2, GRPC, TCP, …' },
  { name: 'name', value: 'NAME', says: 'name of the workload (default SERVICE-VERSION-NUMBER)' },
  { name: 'service-account', value: 'NAME', says: 'its identity (default "default")' },
  namespaceFlag,
];

export interface JoinFlags {
  readonly service: string;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly labels: Record<string, string>;
  readonly serviceAccount: string;
  /** A target of 0 is any free port. */
  readonly ports: { port: number; targetPort: number; protocol: string }[];
}

/**
 * Throws `cloverctl.usage`.
 * @param own the program's own port where none is said: any free one (0), or that of the service
 */
export function readJoinFlags(context: Context, own: 'free' | 'same'): JoinFlags {
  const service = context.text('service');
  if (service === undefined)
    throw usageError('name the service with --service', 'for example: --service http-lb');
  if (!NAME.test(service) || service.length > 63)
    throw usageError(
      `--service takes lower-case letters, digits and -, not "${service}"`,
      'for example: --service http-lb',
    );
  const protocol = readProtocol(context.text('protocol') ?? 'HTTP');
  return {
    service,
    namespace: context.text('namespace') ?? 'default',
    name: context.text('name'),
    labels: Object.fromEntries(context.list('label').map(readLabel)),
    serviceAccount: context.text('service-account') ?? 'default',
    ports: readPorts(context.list('port'), own).map((port) => ({ ...port, protocol })),
  };
}

function readLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1)
    throw usageError(`--label takes KEY=VALUE, not "${text}"`, 'for example: --label version=v1');
  return [text.slice(0, at), text.slice(at + 1)];
}

function readProtocol(text: string): string {
  const protocol = text.toUpperCase();
  if (PROTOCOLS.includes(protocol)) return protocol;
  const close = nearest(protocol, PROTOCOLS);
  throw usageError(
    `there is no protocol ${text}`,
    close === undefined ? `known: ${PROTOCOLS.join(', ')}` : `did you mean ${close}?`,
  );
}

function readPorts(texts: readonly string[], own: 'free' | 'same') {
  const ports = texts.map((text) => readPort(text, own));
  const twice = ports.find(
    ({ port }, index) => ports.findIndex((one) => one.port === port) < index,
  );
  if (twice)
    throw usageError(
      `--port names port ${twice.port} twice`,
      'a port of the service has one port of the program',
    );
  return ports;
}

function readPort(text: string, own: 'free' | 'same'): { port: number; targetPort: number } {
  const [, first, second] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(first);
  const targetPort = Number(second ?? (own === 'free' ? 0 : first));
  if (!(port >= 1 && port <= 65535 && targetPort <= 65535))
    throw usageError(
      `--port takes PORT or PORT:TARGET, not "${text}"`,
      'for example: --port 9180:19180',
    );
  return { port, targetPort };
}
