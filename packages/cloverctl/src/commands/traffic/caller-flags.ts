// Who calls: the flags of the commands that decide requests.

import type { AskedRequest } from '@clover/traffic';
import type { Flag } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

export const callerFlags: readonly Flag[] = [
  { name: 'from', value: 'WORKLOAD', says: 'who calls: NAME, NAME.NAMESPACE or NAMESPACE/NAME' },
  {
    name: 'from-labels',
    value: 'K=V,…',
    many: true,
    says: 'labels of the caller, instead of those found by its name',
  },
  { name: 'namespace', short: 'n', value: 'NAME', says: 'namespace of the caller' },
  {
    name: 'via',
    value: 'gateway|sidecar|NAME',
    says: 'through a gateway (any that serves the host, or the one named) or a sidecar',
  },
  {
    name: 'port',
    value: 'PORT',
    type: 'whole',
    says: "the gateway's or service's port (default: found from the resources)",
  },
];

/** For requests that somebody recorded. */
export const absentFlag: Flag = {
  name: 'absent',
  value: 'HEADER',
  many: true,
  says: 'this header was not there when nobody recorded it; may be repeated, * for all',
};

export const absentHeaders = (context: Context): Set<string> =>
  new Set(context.list('absent').map((name) => name.toLowerCase()));

/** What the flags say about the caller of requests that do not say it themselves. */
export function callerDefaults(
  context: Context,
): Partial<Pick<AskedRequest, 'via' | 'from' | 'namespace' | 'labels' | 'port'>> {
  const via = context.text('via');
  const from = context.text('from');
  const namespace = context.text('namespace');
  const port = context.whole('port');
  const labels = labelsOf(context.list('from-labels'));
  const gateway = via !== undefined && via !== 'sidecar';
  return {
    ...(gateway
      ? { via: 'gateway' }
      : via === 'sidecar' || from || labels
        ? { via: 'sidecar' }
        : {}),
    ...(gateway && via !== 'gateway' ? { from: via } : from === undefined ? {} : { from }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels ? { labels } : {}),
    ...(port === undefined ? {} : { port }),
  };
}

function labelsOf(given: readonly string[]): Record<string, string> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given
      .flatMap((one) => one.split(','))
      .map((one) => {
        const equals = one.indexOf('=');
        if (equals < 1) throw usageError(`"${one}" is no label`, 'write it as app=front');
        return [one.slice(0, equals), one.slice(equals + 1)];
      }),
  );
}
