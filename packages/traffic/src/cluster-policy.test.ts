import { describe, expect, it } from 'vitest';
import { clusterPolicy } from './cluster-policy.ts';
import type { DestinationRule } from './resource.ts';

function rule(trafficPolicy: object, subset?: object): DestinationRule {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'a', namespace: 'default' },
    spec: {
      host: 'a',
      trafficPolicy: trafficPolicy as Record<string, unknown>,
      subsets: [
        { name: 'v1', ...(subset && { trafficPolicy: subset as Record<string, unknown> }) },
      ],
    },
  };
}

const POOL = { tcp: { maxConnections: 7 } };
const TLS = { mode: 'SIMPLE' };

describe('clusterPolicy', () => {
  it('has Istio’s defaults without a rule', () => {
    expect(clusterPolicy(undefined, '', 80)).toEqual({
      limits: {
        connectTimeoutMs: 10_000,
        idleTimeoutMs: 3_600_000,
        maxConnectionDurationMs: 0,
        maxRequestsPerConnection: 0,
        maxConnections: 4_294_967_295,
        maxPendingRequests: 4_294_967_295,
        maxRequests: 4_294_967_295,
        maxRetries: 4_294_967_295,
      },
      loadBalancing: { kind: 'leastRequest', warmup: undefined },
      outlier: undefined,
      panicPercent: 0,
      tls: undefined,
      http2: 'DEFAULT',
      keepAliveMs: undefined,
    });
  });

  it('lets a port’s settings replace all of the top level', () => {
    const one = rule({
      connectionPool: POOL,
      tls: TLS,
      portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'RANDOM' } }],
    });
    const at80 = clusterPolicy(one, '', 80);
    expect(at80.loadBalancing.kind).toBe('random');
    expect(at80.limits.maxConnections).toBe(4_294_967_295);
    expect(at80.tls).toBeUndefined();
    expect(clusterPolicy(one, '', 81).limits.maxConnections).toBe(7);
  });

  it('fills a retry budget up, which a port’s settings drop and a subset’s do not', () => {
    const port = { port: { number: 81 }, connectionPool: POOL };
    const one = rule({ retryBudget: {}, portLevelSettings: [port] });
    const budget = (of: typeof one, subset: string, at: number) =>
      clusterPolicy(of, subset, at).limits.retryBudget;
    expect(budget(one, '', 80)).toEqual({ percent: 20, minRetryConcurrency: 3 });
    expect(budget(one, '', 81)).toBeUndefined();
    const own = rule(
      { retryBudget: { percent: 50 }, portLevelSettings: [port] },
      { retryBudget: { percent: 0, minRetryConcurrency: 0 }, portLevelSettings: [port] },
    );
    for (const at of [80, 81])
      expect(budget(own, 'v1', at)).toEqual({ percent: 0, minRetryConcurrency: 3 });
    const without = rule(
      { retryBudget: { minRetryConcurrency: 9 } },
      { portLevelSettings: [port] },
    );
    expect(budget(without, 'v1', 81)).toEqual({ percent: 20, minRetryConcurrency: 9 });
  });

  it('lets a subset override block by block', () => {
    const one = rule(
      { connectionPool: POOL, tls: TLS },
      { connectionPool: { http: { maxRetries: 2 } } },
    );
    const v1 = clusterPolicy(one, 'v1', 80);
    expect(v1.limits).toMatchObject({ maxRetries: 2, maxConnections: 4_294_967_295 });
    expect(v1.tls).toEqual(TLS);
  });

  it('lets a subset’s port settings replace everything, the top level’s too', () => {
    const one = rule(
      { connectionPool: POOL, tls: TLS },
      { portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'ROUND_ROBIN' } }] },
    );
    const v1 = clusterPolicy(one, 'v1', 80);
    expect(v1.tls).toBeUndefined();
    expect(v1.loadBalancing.kind).toBe('roundRobin');
    expect(clusterPolicy(one, 'v1', 81).tls).toEqual(TLS);
  });

  it('takes 0 in a connection pool for no limit', () => {
    const limits = clusterPolicy(rule({ connectionPool: { tcp: { maxConnections: 0 } } }), '', 80);
    expect(limits.limits.maxConnections).toBe(4_294_967_295);
  });

  it('reads every kind of consistent hash', () => {
    const of = (consistentHash: object) =>
      clusterPolicy(rule({ loadBalancer: { consistentHash } }), '', 80).loadBalancing;
    expect(of({ httpHeaderName: 'X-User' })).toEqual({
      kind: 'ringHash',
      key: { kind: 'header', name: 'x-user' },
      minimumSize: 1024,
    });
    expect(of({ httpCookie: { name: 'c', ttl: '0s' }, minimumRingSize: 16 })).toEqual({
      kind: 'ringHash',
      key: { kind: 'cookie', name: 'c', path: '', ttlSeconds: 0, attributes: [] },
      minimumSize: 16,
    });
    expect(of({ httpCookie: { name: 'c' } })).toMatchObject({ key: { ttlSeconds: undefined } });
    expect(of({ useSourceIp: true, maglev: {} })).toEqual({
      kind: 'maglev',
      key: { kind: 'sourceIp' },
      tableSize: 65_537,
    });
    expect(of({ httpQueryParameterName: 'q' })).toMatchObject({
      key: { kind: 'queryParameter', name: 'q' },
    });
  });

  it('reads outlier detection with its defaults, and turns local origin failures on only when split', () => {
    const of = (outlierDetection: object) =>
      clusterPolicy(rule({ outlierDetection }), '', 80).outlier;
    expect(of({ consecutiveLocalOriginFailures: 2 })).toEqual({
      consecutive5xx: 5,
      consecutiveGateway: 0,
      consecutiveLocalOrigin: 0,
      splitLocalOrigin: false,
      intervalMs: 10_000,
      baseEjectionMs: 30_000,
      maxEjectionMs: 300_000,
      maxEjectionPercent: 10,
      errorCodes: undefined,
    });
    expect(
      of({
        splitExternalLocalOriginErrors: true,
        consecutive5xxErrors: 0,
        baseEjectionTime: '10m',
      }),
    ).toMatchObject({ consecutiveLocalOrigin: 5, consecutive5xx: 0, maxEjectionMs: 600_000 });
  });
});
