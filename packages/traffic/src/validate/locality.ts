// Settings by locality. They are not enforced; what contradicts itself is refused all the same, as Istio does.

import type { FieldPath } from '../read/check-fields.ts';
import type { Say } from './say.ts';

export interface LocalitySetting {
  readonly distribute?: readonly {
    readonly from?: string;
    readonly to?: Readonly<Record<string, number>>;
  }[];
  readonly failover?: readonly { readonly from?: string; readonly to?: string }[];
  readonly failoverPriority?: readonly string[];
}

export function checkLocality(
  setting: LocalitySetting | undefined,
  path: FieldPath,
  say: Say,
): void {
  if (!setting) return;
  const { distribute = [], failover = [] } = setting;
  if (distribute.length > 0 && failover.length > 0)
    return say([...path, 'failover'], {
      code: 'exclusive',
      message: 'distribute and failover stand together; only one may',
    });
  for (const [index, { to = {} }] of distribute.entries()) {
    const shares = Object.values(to);
    const sum = shares.reduce((a, b) => a + b, 0);
    if (sum !== 100 || shares.some((one) => one < 1))
      say([...path, 'distribute', index, 'to'], {
        code: 'range',
        message: `the shares sum to ${sum}`,
        hint: 'each at least 1, in all 100',
      });
  }
  for (const [index, { from = '', to = '' }] of failover.entries()) {
    if (from !== to && !/[/*]/.test(from + to)) continue;
    say([...path, 'failover', index], {
      code: 'place',
      message: `${from} to ${to} is no way between two regions`,
      hint: 'name two regions, without zones and stars',
    });
  }
}
