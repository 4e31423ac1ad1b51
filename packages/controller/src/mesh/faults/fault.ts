// A fault switch: a fault on the routes to a service, with an end.

import { parse, stringify } from 'yaml';
import { CloverError, parseDurationMs, type FaultInject } from '@clover/model';
import { FAULT_KIND, type Entry, type EntryName } from '../repository/entry.ts';

export interface Fault {
  readonly service: string;
  readonly namespace: string;
  /** null: no abort */
  readonly abortStatus: number | null;
  /** null: no delay */
  readonly delayMs: number | null;
  /** 0..100 */
  readonly percent: number;
  /** RFC 3339 */
  readonly startedAt: string;
  readonly endsAt: string;
  readonly author: string;
  readonly reason: string;
}

const LONGEST_MS = 7 * 86_400_000;

/** Throws CloverError `time.bad_duration`, `traffic.bad_fault`. */
export function faultOf(inject: FaultInject, author: string, nowMs: number): Fault {
  const forMs = parseDurationMs(inject.for);
  if (forMs <= 0 || forMs > LONGEST_MS)
    throw new CloverError('traffic.bad_fault', `a fault cannot be on for ${inject.for}`, {
      status: 400,
      hint: 'say for how long, up to 7d: 30s, 5m, 2h',
    });
  return {
    service: inject.service,
    namespace: inject.namespace,
    abortStatus: inject.abortStatus ?? null,
    delayMs: inject.delay === undefined ? null : parseDurationMs(inject.delay),
    percent: inject.percent,
    startedAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + forMs).toISOString(),
    author,
    reason: inject.reason,
  };
}

export const faultName = ({
  service,
  namespace,
}: Pick<Fault, 'service' | 'namespace'>): EntryName => ({
  kind: FAULT_KIND,
  namespace,
  name: service,
});

/** As it is kept: a document of its own, so that the history shows it like any other change. */
export const faultText = (fault: Fault): string => stringify(fault);

export const readFault = ({ text }: Entry): Fault => parse(text) as Fault;
