import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutlierPolicy } from '@clover/traffic';
import { LOCAL_ORIGIN } from './cluster.ts';
import { createOutlierDetector } from './outlier-detector.ts';
import { UpstreamEndpoint } from './upstream-endpoint.ts';

const POLICY: OutlierPolicy = {
  consecutive5xx: 5,
  consecutiveGateway: 0,
  consecutiveLocalOrigin: 0,
  splitLocalOrigin: false,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 10,
  errorCodes: undefined,
};

function cluster(policy: Partial<OutlierPolicy>, size: number) {
  const hosts = Array.from(
    { length: size },
    (_, index) =>
      new UpstreamEndpoint(
        {
          address: `10.0.0.${index}`,
          port: 80,
          labels: {},
          weight: 1,
          principal: '',
          meshTls: false,
          probe: undefined,
          checkKey: '',
        },
        0,
      ),
  );
  const detector = createOutlierDetector({ ...POLICY, ...policy }, size);
  const fail = (host: number, times: number, result = 500, nowMs = 0) => {
    for (let n = 0; n < times; n++) detector.report(hosts[host]!, result, nowMs);
    return hosts[host]!.ejected;
  };
  return { hosts, detector, fail };
}

describe('createOutlierDetector', () => {
  it('ejects after the given number of failures in a row', () => {
    const { fail, detector, hosts } = cluster({}, 10);
    expect(fail(0, 4)).toBe(false);
    detector.report(hosts[0]!, 200, 0);
    expect(fail(0, 4)).toBe(false);
    expect(fail(0, 1)).toBe(true);
  });

  it('never ejects with the default 10 % and fewer than ten endpoints', () => {
    const { fail, detector } = cluster({}, 9);
    expect(fail(0, 100)).toBe(false);
    expect(detector.ejections).toEqual({ active: 0, total: 0, overflow: 20 });
  });

  it('keeps the ejected share within the limit', () => {
    const { fail, detector } = cluster({ maxEjectionPercent: 50 }, 5);
    expect([fail(0, 5), fail(1, 5), fail(2, 5)]).toEqual([true, true, false]);
    expect(detector.ejections).toEqual({ active: 2, total: 2, overflow: 1 });
  });

  it('counts gateway errors on their own when asked to', () => {
    const { fail } = cluster(
      { consecutiveGateway: 2, consecutive5xx: 0, maxEjectionPercent: 100 },
      3,
    );
    expect(fail(0, 10, 500)).toBe(false);
    expect([fail(1, 1, 503), fail(1, 1, 500), fail(1, 1, 502)]).toEqual([false, false, false]);
    expect(fail(1, 1, 504)).toBe(true);
  });

  it('takes local failures for 5xx and gateway errors when they are not split', () => {
    const all = { consecutiveGateway: 2, consecutive5xx: 9, maxEjectionPercent: 100 };
    for (const result of Object.values(LOCAL_ORIGIN))
      expect(cluster(all, 1).fail(0, 2, result)).toBe(true);
  });

  it('counts local failures apart when split; a made connection ends their row', () => {
    const split = {
      splitLocalOrigin: true,
      consecutiveLocalOrigin: 2,
      consecutive5xx: 1,
      maxEjectionPercent: 100,
    };
    const { fail } = cluster(split, 2);
    expect(fail(0, 1, LOCAL_ORIGIN.connect)).toBe(false);
    expect(fail(0, 5, LOCAL_ORIGIN.timeout)).toBe(false); // each had a connection
    expect(fail(0, 1, LOCAL_ORIGIN.connect)).toBe(true);
    expect(fail(1, 1, 200)).toBe(false);
    expect(fail(1, 1, 500)).toBe(true);
  });

  it('takes the given statuses and no others for failures', () => {
    const codes = { errorCodes: new Set([404]), consecutive5xx: 2, maxEjectionPercent: 100 };
    const { fail } = cluster(codes, 1);
    expect(fail(0, 9, 503)).toBe(false);
    expect(fail(0, 2, 404)).toBe(true);
  });

  it('restores after base time × times ejected, at the next interval', () => {
    const { hosts, detector, fail } = cluster({ maxEjectionPercent: 100 }, 2);
    fail(0, 5, 500, 1000);
    expect(detector.tick(hosts, 30_999)).toBe(false);
    expect(detector.tick(hosts, 31_000)).toBe(true);
    fail(0, 5, 500, 32_000);
    expect(detector.tick(hosts, 91_999)).toBe(false);
    expect(detector.tick(hosts, 92_000)).toBe(true);
  });

  it('takes a time off for each quiet interval after the return', () => {
    const { hosts, detector, fail } = cluster({ maxEjectionPercent: 100 }, 2);
    for (const nowMs of [0, 100_000, 300_000]) {
      fail(0, 5, 500, nowMs);
      detector.tick(hosts, nowMs + 90_000);
    }
    expect(hosts[0]!.ejectionMultiplier).toBe(3);
    detector.tick(hosts, 399_999);
    expect(hosts[0]!.ejectionMultiplier).toBe(3);
    detector.tick(hosts, 400_000);
    detector.tick(hosts, 410_000);
    expect(hosts[0]!.ejectionMultiplier).toBe(1);
  });

  it('never ejects for longer than the longest time', () => {
    const { hosts, detector, fail } = cluster({ maxEjectionPercent: 100 }, 2);
    let nowMs = 0;
    for (let times = 0; times < 30; times++) {
      fail(0, 5, 500, nowMs);
      expect(detector.tick(hosts, nowMs + 300_000)).toBe(true);
      nowMs += 300_000;
    }
    expect(hosts[0]!.ejectionMultiplier).toBe(11); // 300 s / 30 s, and one more
  });

  it('agrees with a reference that reads the whole history each time', () => {
    const events = fc.array(
      fc.oneof(
        {
          weight: 9,
          arbitrary: fc.record({
            host: fc.nat({ max: 3 }),
            result: fc.constantFrom(200, 404, 500, 503, -1, -2, -3),
          }),
        },
        { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 8 }) }) },
      ),
      { maxLength: 300 },
    );
    const policies = fc.record({
      consecutive5xx: fc.nat({ max: 4 }),
      consecutiveGateway: fc.nat({ max: 4 }),
      consecutiveLocalOrigin: fc.integer({ min: 1, max: 3 }),
      splitLocalOrigin: fc.boolean(),
      maxEjectionPercent: fc.constantFrom(10, 25, 50, 75, 100),
      errorCodes: fc.constantFrom(undefined, new Set([404, 503])),
    });
    fc.assert(
      fc.property(policies, events, (partial, list) => {
        const policy = { ...POLICY, ...partial, maxEjectionMs: 60_000 };
        const { hosts, detector } = cluster(policy, 4);
        const model = reference(policy, 4);
        let nowMs = 0;
        for (const event of list) {
          if ('wait' in event) {
            for (let n = 0; n < event.wait; n++) {
              nowMs += policy.intervalMs;
              detector.tick(hosts, nowMs);
              model.tick(nowMs);
            }
          } else {
            detector.report(hosts[event.host]!, event.result, nowMs);
            model.report(event.host, event.result, nowMs);
          }
          expect(hosts.map((one) => one.ejected)).toEqual(model.ejected());
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Slow and plain: every count is a walk back over what was reported since the last reset. */
function reference(policy: OutlierPolicy, size: number) {
  type Kind = '5xx' | 'gateway' | 'local';
  const logs = Array.from({ length: size }, () => ({
    since: { '5xx': [], gateway: [], local: [] } as Record<Kind, boolean[]>,
    times: [] as { at: number; until: number | undefined; multiplier: number }[],
    multiplier: 0,
  }));
  const isEjected = (log: (typeof logs)[number]) =>
    log.times.some((one) => one.until === undefined);
  const streak = (list: boolean[]) => {
    let count = 0;
    for (const failed of list) count = failed ? count + 1 : 0;
    return count;
  };
  function note(host: number, kind: Kind, failed: boolean, threshold: number, nowMs: number) {
    const log = logs[host]!;
    log.since[kind].push(failed);
    if (!failed || streak(log.since[kind]) !== threshold || isEjected(log)) return;
    const share = (logs.filter(isEjected).length + 1) / size;
    if (share * 100 <= policy.maxEjectionPercent) {
      if (log.multiplier * policy.baseEjectionMs < policy.maxEjectionMs + policy.baseEjectionMs)
        log.multiplier++;
      log.times.push({ at: nowMs, until: undefined, multiplier: log.multiplier });
    }
    log.since[kind] = [];
  }
  return {
    ejected: () => logs.map(isEjected),
    report(host: number, result: number, nowMs: number) {
      let status = result;
      if (policy.splitLocalOrigin) {
        if (result !== -1) note(host, 'local', false, 0, nowMs);
        if (result < 0) return note(host, 'local', true, policy.consecutiveLocalOrigin, nowMs);
      } else if (result < 0) status = result === -3 ? 504 : 503;
      if (result > 0 && policy.errorCodes)
        status = policy.errorCodes.has(result) ? (policy.splitLocalOrigin ? 503 : 500) : 200;
      note(host, 'gateway', [502, 503, 504].includes(status), policy.consecutiveGateway, nowMs);
      note(host, '5xx', status >= 500, policy.consecutive5xx, nowMs);
      return undefined;
    },
    tick(nowMs: number) {
      for (const log of logs) {
        const last = log.times.at(-1);
        if (!last || last.until !== undefined) continue;
        if (
          nowMs - last.at <
          Math.min(policy.baseEjectionMs * last.multiplier, policy.maxEjectionMs)
        )
          continue;
        last.until = nowMs;
        log.since = { '5xx': [], gateway: [], local: [] };
      }
      for (const log of logs) {
        const last = log.times.at(-1);
        if (
          last?.until !== undefined &&
          nowMs - last.until >= policy.intervalMs &&
          log.multiplier > 0
        )
          log.multiplier--;
      }
    },
  };
}
