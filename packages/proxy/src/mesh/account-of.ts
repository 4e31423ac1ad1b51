import type { Caller } from '@clover/traffic';
import type { ServiceAccount } from '../identity/spiffe.ts';
import type { GatewayWorkload, Workload } from '../workload.ts';
import { callerOf, type ListenerPlan } from './listener-plan.ts';

/** Whose certificate a workload or gateway shows. */
export function accountOf(owner: Workload | GatewayWorkload): ServiceAccount {
  return {
    namespace: owner.namespace,
    serviceAccount: 'serviceAccount' in owner ? owner.serviceAccount : owner.name,
  };
}

/** The same as it is whenever it is looked at: a workload may come back with another account. */
export function liveAccount(owner: () => Workload | GatewayWorkload): ServiceAccount {
  return {
    get namespace() {
      return owner().namespace;
    },
    get serviceAccount() {
      return accountOf(owner()).serviceAccount;
    },
  };
}

/** Who calls by a listener, as it is whenever it is looked at. */
export function liveCaller(current: () => ListenerPlan): Caller {
  return {
    get via() {
      return callerOf(current()).via;
    },
    get namespace() {
      return callerOf(current()).namespace;
    },
    get labels() {
      return callerOf(current()).labels;
    },
  };
}
