// Active health checks with Envoy's thresholds: the first answer decides at once, a wrong status makes
// unhealthy at once, refused or late connections do when enough of them come in a row.

import { request } from 'node:http';
import { connect } from 'node:net';
import type { ReadinessProbe } from '@clover/traffic';

export interface CheckTarget {
  readonly address: string;
  readonly port: number;
  readonly probe: ReadinessProbe;
}

export type CheckResult = 'passed' | 'wrongStatus' | 'unreachable';

export interface HealthChecker {
  /** Checks these targets from now on, by key, and no others. */
  watch(targets: ReadonlyMap<string, CheckTarget>): void;
  /** False before the first answer too. True for a key that is not watched. */
  isHealthy(key: string): boolean;
  close(): void;
}

export interface HealthCheckerOptions {
  readonly check?: (target: CheckTarget) => Promise<CheckResult>;
  /** Told of each check. */
  readonly checked: (key: string, result: CheckResult) => void;
}

export function createHealthChecker({
  check = checkEndpoint,
  checked,
}: HealthCheckerOptions): HealthChecker {
  const watched = new Map<string, { state: HealthState; timer: NodeJS.Timeout; stop: boolean }>();

  function start(key: string, target: CheckTarget): void {
    const { probe } = target;
    const run = async () => {
      const result = await check(target).catch(() => 'unreachable' as const);
      if (one.stop) return;
      one.state.note(result);
      checked(key, result);
      one.timer = setTimeout(() => void run(), probe.intervalMs);
      one.timer.unref();
    };
    const timer = setTimeout(() => void run(), probe.initialDelayMs);
    timer.unref();
    const one = { state: createHealthState(probe), timer, stop: false };
    watched.set(key, one);
  }

  return {
    watch(targets) {
      for (const [key, one] of watched) {
        if (targets.has(key)) continue;
        one.stop = true;
        clearTimeout(one.timer);
        watched.delete(key);
      }
      for (const [key, target] of targets) if (!watched.has(key)) start(key, target);
    },
    isHealthy: (key) => watched.get(key)?.state.healthy ?? true,
    close() {
      this.watch(new Map());
    },
  };
}

export interface HealthState {
  readonly healthy: boolean;
  note(result: CheckResult): void;
}

/** Unhealthy until the first check passes. */
export function createHealthState(
  thresholds: Pick<ReadinessProbe, 'healthyThreshold' | 'unhealthyThreshold'>,
): HealthState {
  let healthy = false;
  let first = true;
  let passes = 0;
  let failures = 0;
  return {
    get healthy() {
      return healthy;
    },
    note(result) {
      if (result === 'passed') {
        failures = 0;
        passes++;
        if (first || passes >= thresholds.healthyThreshold) healthy = true;
      } else {
        passes = 0;
        failures++;
        if (result === 'wrongStatus' || failures >= thresholds.unhealthyThreshold) healthy = false;
      }
      first = false;
    },
  };
}

/** One check over the network; ends within the probe's timeout. */
export function checkEndpoint({ address, port, probe }: CheckTarget): Promise<CheckResult> {
  return probe.http ? checkHttp(address, port, probe) : checkTcp(address, port, probe.timeoutMs);
}

function checkTcp(host: string, port: number, timeoutMs: number): Promise<CheckResult> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => end('unreachable'), timeoutMs);
    const end = (result: CheckResult) => {
      clearTimeout(timer);
      socket.destroy();
      done(result);
    };
    socket.once('connect', () => end('passed')).on('error', () => end('unreachable'));
  });
}

function checkHttp(address: string, port: number, probe: ReadinessProbe): Promise<CheckResult> {
  const http = probe.http!;
  return new Promise((done) => {
    const host = http.host || `${address}:${port}`;
    const outgoing = request(
      {
        host: address,
        port,
        path: http.path,
        agent: false,
        headers: { host, 'user-agent': 'clover-probe', ...http.headers },
      },
      (answer) => {
        const status = answer.statusCode ?? 0;
        end(status >= 200 && status < 400 ? 'passed' : 'wrongStatus');
      },
    );
    const timer = setTimeout(() => end('unreachable'), probe.timeoutMs);
    const end = (result: CheckResult) => {
      clearTimeout(timer);
      outgoing.destroy();
      done(result);
    };
    outgoing.on('error', () => end('unreachable')).end();
  });
}
