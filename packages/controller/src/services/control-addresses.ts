// Where the control interfaces of the sample services are: those of the demo, and those that were named.

import { CloverError, nearest } from '@clover/model';

/** Instance (`http-lb-v1-0`) or name as it was given, to `host:port`. */
export type ControlAddresses = Readonly<Record<string, string>>;

export interface ControlTarget {
  readonly service: string;
  readonly address: string;
}

/**
 * The one instance that a name means: the instance itself, `http-lb-v1`, or `clover-server1` when there is
 * only one; a namespace behind a dot, and underscores, are taken too. Throws CloverError
 * `services.unknown` and `services.ambiguous`.
 */
export function controlTarget(addresses: ControlAddresses, name: string): ControlTarget {
  const wanted = name.split('.', 1)[0]!.replaceAll('_', '-');
  const instances = Object.keys(addresses);
  const found =
    [(one: string) => one, withoutNumber, withoutVersion]
      .map((short) => instances.filter((one) => short(one) === wanted))
      .find((some) => some.length > 0) ?? [];
  if (found.length === 1) return { service: found[0]!, address: addresses[found[0]!]! };
  if (found.length > 1)
    throw new CloverError(
      'services.ambiguous',
      `${name} means ${found.map(withoutNumber).join(' and ')}`,
      {
        status: 400,
        hint: 'name one of them',
      },
    );
  const close = nearest(wanted, instances.map(withoutNumber));
  throw new CloverError('services.unknown', `there is no control interface of ${name}`, {
    status: 404,
    hint:
      instances.length === 0
        ? 'start the demo, or name it: --service-control http-lb-v1=HOST:50054'
        : close === undefined
          ? `known: ${instances.map(withoutNumber).join(', ')}`
          : `did you mean ${close}?`,
  });
}

const withoutNumber = (instance: string): string => instance.replace(/-\d+$/, '');
const withoutVersion = (instance: string): string => instance.replace(/-v\d+-\d+$/, '');

/** `NAME=HOST:PORT` of the setting. Throws CloverError `config.bad_value`. */
export function readControlAddresses(list: readonly string[]): ControlAddresses {
  return Object.fromEntries(
    list.map((entry) => {
      const match = /^([\w.-]+)=(\S+:\d{1,5})$/.exec(entry);
      if (!match)
        throw new CloverError('config.bad_value', `${JSON.stringify(entry)} is no NAME=HOST:PORT`, {
          status: 400,
          hint: 'for example --service-control http-lb-v1=10.0.0.7:50054',
        });
      return [match[1]!, match[2]!];
    }),
  );
}
