// Policies of DestinationRules: limits, ejection, balancing, TLS.

import type { FieldPath } from '../read/check-fields.ts';
import { checkClientTls, type ClientTls } from './client-tls.ts';
import { checkConnectionPool, type ConnectionPool } from './connection-pool.ts';
import { ip, isIp } from './ip.ts';
import { checkDuration } from './duration.ts';
import { checkLoadBalancer, type LoadBalancer } from './load-balancer.ts';
import { fullHost, port } from './names.ts';
import type { Say } from './say.ts';

interface PortPolicy {
  readonly connectionPool?: ConnectionPool;
  readonly loadBalancer?: LoadBalancer;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTls;
}
interface Policy extends PortPolicy {
  readonly portLevelSettings?: readonly (PortPolicy & {
    readonly port?: { readonly number?: number };
  })[];
  readonly tunnel?: {
    readonly protocol?: string;
    readonly targetHost?: string;
    readonly targetPort?: number;
  };
  readonly proxyProtocol?: object;
  readonly retryBudget?: { readonly budgetInterval?: string };
}
interface OutlierDetection {
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
  readonly splitExternalLocalOriginErrors?: boolean;
  readonly consecutiveLocalOriginFailures?: number;
}

const NOTHING = {
  code: 'missing',
  message: 'this policy says nothing',
  hint: 'add a setting, or leave it out',
} as const;

export function checkTrafficPolicy(given: object | undefined, path: FieldPath, say: Say): void {
  if (!given) return;
  const policy: Policy = given;
  if (Object.keys(policy).length === 0) return say(path, NOTHING);
  if (policy.tunnel && policy.proxyProtocol)
    say([...path, 'proxyProtocol'], {
      code: 'exclusive',
      message: 'tunnel and proxyProtocol stand together; only one may',
    });
  checkParts(policy, path, say);
  for (const [index, one] of (policy.portLevelSettings ?? []).entries()) {
    const where = [...path, 'portLevelSettings', index];
    const { port: at, ...parts } = one;
    if (!at)
      say(where, {
        code: 'missing',
        message: 'these settings name no port',
        hint: 'add port: {number: …}',
      });
    if (Object.keys(parts).length === 0) say(where, NOTHING);
    else checkParts(parts, where, say);
  }
  checkDuration(
    policy.retryBudget?.budgetInterval,
    [...path, 'retryBudget', 'budgetInterval'],
    say,
  );
  checkTunnel(policy.tunnel, [...path, 'tunnel'], say);
}

function checkParts(policy: PortPolicy, path: FieldPath, say: Say): void {
  checkOutliers(policy.outlierDetection, [...path, 'outlierDetection'], say);
  checkConnectionPool(policy.connectionPool, [...path, 'connectionPool'], say);
  checkLoadBalancer(policy.loadBalancer, [...path, 'loadBalancer'], say);
  checkClientTls(policy.tls, [...path, 'tls'], say);
}

function checkOutliers(outliers: OutlierDetection | undefined, path: FieldPath, say: Say): void {
  if (!outliers) return;
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = outliers[field] ?? 0;
    if (percent < 0 || percent > 100)
      say([...path, field], {
        code: 'range',
        message: `${field} is ${percent}`,
        hint: 'allowed: 0 to 100',
      });
  }
  if (
    !outliers.splitExternalLocalOriginErrors &&
    (outliers.consecutiveLocalOriginFailures ?? 0) > 0
  )
    say([...path, 'consecutiveLocalOriginFailures'], {
      code: 'place',
      message:
        'consecutiveLocalOriginFailures counts nothing while local failures count with the rest',
      hint: 'add splitExternalLocalOriginErrors: true',
    });
}

function checkTunnel(tunnel: Policy['tunnel'], path: FieldPath, say: Say): void {
  if (!tunnel) return;
  const { protocol = '', targetHost = '', targetPort = 0 } = tunnel;
  if (protocol !== '' && protocol !== 'CONNECT' && protocol !== 'POST')
    say([...path, 'protocol'], {
      code: 'value',
      message: `protocol is ${protocol}`,
      hint: 'write CONNECT or POST',
    });
  say(
    [...path, 'targetHost'],
    isIp(targetHost) ? undefined : fullHost(targetHost) && ip(targetHost),
  );
  say([...path, 'targetPort'], port(targetPort));
}
