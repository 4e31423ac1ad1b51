// A connection that was passed on as bytes, as access logs know requests: what it has not is absent.

import type { RequestRecord } from '../request-record.ts';
import type { TcpRecord } from '../tcp/tcp-proxy.ts';

export function recordOfTcp(
  workload: RequestRecord['workload'],
  record: TcpRecord,
  direction: RequestRecord['direction'],
): RequestRecord {
  const { principal, details, ...rest } = record;
  return {
    ...rest,
    workload,
    direction,
    overflow: '',
    responseCodeDetails: details,
    method: '',
    path: '',
    upstreamPath: '',
    authority: '',
    port: 0,
    scheme: 'http',
    protocol: '',
    status: 0,
    grpcStatus: -1,
    userAgent: '',
    requestId: '',
    forwardedFor: '',
    attempts: record.upstreamLocal === '' ? 0 : 1,
    upstreamServiceTimeMs: -1,
    routeName: '',
    listener: '',
    peer:
      principal === ''
        ? undefined
        : {
            service: 'unknown',
            namespace: 'unknown',
            revision: 'unknown',
            principal: principal.replace('spiffe://', ''),
          },
    trace: undefined,
    evidence: undefined,
    mirror: false,
  };
}
