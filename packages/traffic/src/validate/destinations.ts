// Where requests and connections go: names, weights and mirrors.

import type { FieldPath } from '../read/check-fields.ts';
import type { Destination } from '../resource.ts';
import { dnsLabel, host, port } from './names.ts';
import type { Say } from './say.ts';

export function checkDestination(to: Destination | undefined, path: FieldPath, say: Say): void {
  if (!to) return;
  say(
    [...path, 'host'],
    to.host === '*'
      ? { code: 'name', message: 'host * is no destination', hint: 'name the service' }
      : host(to.host),
  );
  if (to.subset) say([...path, 'subset'], dnsLabel('a subset', to.subset));
  if (to.port) say([...path, 'port', 'number'], port(to.port.number ?? 0));
}

interface Weighted {
  readonly destination: Destination;
  readonly weight?: number;
}

export function checkWeighted(
  routes: readonly Weighted[] | undefined,
  path: FieldPath,
  say: Say,
): void {
  const list = routes ?? [];
  for (const [index, { destination, weight = 0 }] of list.entries()) {
    checkDestination(destination, [...path, index, 'destination'], say);
    if (weight < 0)
      say([...path, index, 'weight'], {
        code: 'range',
        message: `weight is ${weight}`,
        hint: 'a weight is 0 or more',
      });
  }
  if (list.length > 1 && list.reduce((sum, { weight = 0 }) => sum + weight, 0) === 0)
    say(path, {
      code: 'noWeight',
      message: 'no destination has a weight',
      hint: 'give each a weight; they need not sum to 100',
    });
}
