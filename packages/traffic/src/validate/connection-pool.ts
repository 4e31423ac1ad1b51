// Limits of connections and requests.

import type { FieldPath } from '../read/check-fields.ts';
import { checkDuration } from './duration.ts';
import type { Say } from './say.ts';

export interface ConnectionPool {
  readonly tcp?: {
    readonly maxConnections?: number;
    readonly idleTimeout?: string;
    readonly [field: string]: unknown;
  };
  readonly http?: {
    readonly h2UpgradePolicy?: string;
    readonly useClientProtocol?: boolean;
    readonly http2KeepAlive?: { readonly interval?: string; readonly timeout?: string };
    readonly [field: string]: unknown;
  };
}

const HTTP_LIMITS = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
];

export function checkConnectionPool(
  pool: ConnectionPool | undefined,
  path: FieldPath,
  say: Say,
): void {
  if (!pool) return;
  const { tcp, http } = pool;
  if (!tcp && !http)
    say(path, {
      code: 'missing',
      message: 'connectionPool limits nothing',
      hint: 'add tcp or http, or leave it out',
    });
  for (const [part, field, value] of [
    ['tcp', 'maxConnections', tcp?.maxConnections],
    ...HTTP_LIMITS.map((name) => ['http', name, http?.[name]] as const),
  ] as const) {
    if (typeof value === 'number' && value < 0)
      say([...path, part, field], {
        code: 'range',
        message: `${field} is ${value}`,
        hint: 'leave it out for no limit',
      });
  }
  checkDuration(tcp?.idleTimeout, [...path, 'tcp', 'idleTimeout'], say);
  if (http?.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol)
    say([...path, 'http', 'useClientProtocol'], {
      code: 'exclusive',
      message: 'useClientProtocol contradicts h2UpgradePolicy UPGRADE',
      hint: 'keep one of them',
    });
  const alive = http?.http2KeepAlive;
  for (const field of ['interval', 'timeout'] as const) {
    if (alive && alive[field] === undefined)
      say([...path, 'http', 'http2KeepAlive'], {
        code: 'missing',
        message: `http2KeepAlive has no ${field}`,
        hint: `add ${field}:`,
      });
  }
}
