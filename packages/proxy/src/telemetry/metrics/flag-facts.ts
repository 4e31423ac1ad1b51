// What a combination of response flags means for counters, worked out once for each.

export interface FlagFacts {
  /** A small number that stands for the combination. */
  readonly id: number;
  /** The router saw the request: its cluster's counters take the answer. */
  readonly isCharged: boolean;
  /** The last attempt got no connection. */
  readonly isNeverSent: boolean;
  readonly isTimeout: boolean;
  readonly isConnectFailure: boolean;
  readonly isRetryLimit: boolean;
  readonly isRemoteReset: boolean;
  readonly isLocalReset: boolean;
  readonly isCancelled: boolean;
  readonly isNoneHealthy: boolean;
  readonly isProtocolError: boolean;
  readonly isFaultAbort: boolean;
  readonly isFaultDelay: boolean;
}

/** Answers that a filter before the router gave. */
const BEFORE_ROUTER = ['FI', 'RL', 'RLSE', 'UAEX', 'NR', 'NC', 'IH', 'DPE', 'RFCF', 'OM'];

export function createFlagFacts(): (flags: string) => FlagFacts {
  const known = new Map<string, FlagFacts>();
  const none = factsOf('', 0);
  return (flags) => {
    if (flags === '') return none;
    const found = known.get(flags);
    if (found !== undefined) return found;
    const facts = factsOf(flags, known.size + 1);
    known.set(flags, facts);
    return facts;
  };
}

function factsOf(flags: string, id: number): FlagFacts {
  const set = new Set(flags.split(','));
  return {
    id,
    isCharged: !BEFORE_ROUTER.some((flag) => set.has(flag)),
    isNeverSent: set.has('UF') || set.has('UH'),
    isTimeout: set.has('UT'),
    isConnectFailure: set.has('UF'),
    isRetryLimit: set.has('URX'),
    isRemoteReset: set.has('UR'),
    isLocalReset: set.has('LR'),
    isCancelled: set.has('DC') || set.has('DR'),
    isNoneHealthy: set.has('UH'),
    isProtocolError: set.has('UPE'),
    isFaultAbort: set.has('FI'),
    isFaultDelay: set.has('DI'),
  };
}
