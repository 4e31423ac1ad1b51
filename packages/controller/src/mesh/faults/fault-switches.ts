// Fault switches: put on, told, and taken off again when their time is over, also after a restart.

import { CloverError, nearest, type FaultInject } from '@clover/model';
import { entryKey, FAULT_KIND, type Entries } from '../repository/entry.ts';
import type { Changed, Repository } from '../repository/repository.ts';
import type { Resource } from '@clover/traffic';
import { meantService, splitName } from './meant-service.ts';
import { faultName, faultOf, faultText, readFault, type Fault } from './fault.ts';

export interface FaultSwitches {
  list(): readonly Fault[];
  /** Throws `traffic.no_such_service` for a name that no service and no rule has. */
  inject(inject: FaultInject, author: string): Promise<Changed>;
  /** Throws `traffic.no_fault` when none is on for the service. */
  end(service: { service: string; namespace: string }, author: string): Promise<Changed>;
  close(): void;
}

export interface FaultSwitchesOptions {
  readonly repository: Repository;
  /** Those whose services can have faults. */
  readonly resources: () => readonly Resource[];
  readonly now?: () => number;
  readonly onError: (error: unknown) => void;
}

/** Of timers: more than 24 days would end at once. */
const LONGEST_TIMER_MS = 86_400_000;
const TRY_AGAIN_MS = 5000;

export function faultsIn(entries: Entries): Fault[] {
  return [...entries.values()].filter(({ kind }) => kind === FAULT_KIND).map(readFault);
}

/** Ends what has run out meanwhile before it resolves. */
export async function startFaultSwitches(options: FaultSwitchesOptions): Promise<FaultSwitches> {
  const { repository, now = Date.now } = options;
  const list = () => faultsIn(repository.entries);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function endOver(): Promise<void> {
    for (const fault of list()) {
      if (Date.parse(fault.endsAt) > now()) continue;
      await repository.putFault(faultName(fault), null, {
        author: 'clover',
        reason: `its time was over at ${fault.endsAt}`,
      });
    }
  }

  function schedule(failed = false): void {
    clearTimeout(timer);
    if (closed) return;
    const ends = list().map(({ endsAt }) => Date.parse(endsAt));
    if (ends.length === 0) return;
    const wait = failed ? TRY_AGAIN_MS : Math.min(...ends) - now();
    timer = setTimeout(
      () => {
        endOver().then(
          () => schedule(),
          (error: unknown) => {
            options.onError(error);
            schedule(true);
          },
        );
      },
      Math.max(0, Math.min(wait, LONGEST_TIMER_MS)),
    );
  }

  await endOver();
  schedule();
  return {
    list,
    async inject(inject, author) {
      const fault = faultOf(
        { ...inject, ...meantService(inject, options.resources()) },
        author,
        now(),
      );
      const changed = await repository.putFault(faultName(fault), faultText(fault), {
        author,
        reason: fault.reason || `fault on until ${fault.endsAt}`,
      });
      schedule();
      return changed;
    },
    async end(service, author) {
      const qualified = splitName(service.service);
      const isOn = (one: { service: string; namespace: string }) =>
        repository.entries.has(entryKey(faultName(one)));
      const name = faultName(!isOn(service) && qualified && isOn(qualified) ? qualified : service);
      if (!repository.entries.has(entryKey(name))) {
        const close = nearest(
          service.service,
          list().map((one) => one.service),
        );
        throw new CloverError(
          'traffic.no_fault',
          `no fault is on for ${service.namespace}/${service.service}`,
          {
            status: 404,
            hint:
              close === undefined
                ? '`get faults` lists those that are on'
                : `did you mean ${close}?`,
          },
        );
      }
      const changed = await repository.putFault(name, null, { author, reason: 'switched off' });
      schedule();
      return changed;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
