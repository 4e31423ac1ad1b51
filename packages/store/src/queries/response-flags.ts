// What Envoy's response flags say about a request that no server side saw. Source: Envoy's access log
// documentation, "%RESPONSE_FLAGS%", and envoy/stream_info/stream_info.h (CoreResponseFlag).

/** `proxy`: the proxy answered by itself and sent nothing on. `unanswered`: it was sent, or tried, and no good answer came. */
export type FlagMeaning = 'proxy' | 'unanswered' | 'none';

const MEANINGS: Readonly<Record<string, Exclude<FlagMeaning, 'none'>>> = {
  // The proxy's own answer: nothing went to the callee.
  FI: 'proxy', // fault injection aborted it
  NR: 'proxy', // no route matched
  NC: 'proxy', // the route's cluster does not exist
  UH: 'proxy', // no healthy host to send to
  UO: 'proxy', // circuit breaker open
  LH: 'proxy', // local health check failed
  RL: 'proxy', // rate limited
  RLSE: 'proxy', // the rate limit service failed, so it was refused
  UAEX: 'proxy', // the external authorization refused it
  IH: 'proxy', // a header of Envoy's own was invalid
  DPE: 'proxy', // the caller broke the protocol
  RFCF: 'proxy', // answered from the cache
  NFCF: 'proxy', // filter configuration missing
  OM: 'proxy', // overload manager ended it
  DO: 'proxy', // dropped by the cluster's drop_overload policy
  UDO: 'proxy', // dropped unconditionally by that policy
  DF: 'proxy', // the callee's name did not resolve
  // Sent or tried: the request or its answer went missing on the way.
  UF: 'unanswered', // connection to the upstream failed
  URX: 'unanswered', // retries used up
  UT: 'unanswered', // upstream request timed out
  LR: 'unanswered', // reset on this side
  UR: 'unanswered', // reset by the upstream
  UC: 'unanswered', // upstream closed the connection
  UPE: 'unanswered', // the upstream broke the protocol
  SI: 'unanswered', // stream idle too long
  DT: 'unanswered', // the request took longer than it may
  UMSDR: 'unanswered', // likewise, the upstream stream
  DC: 'unanswered', // the caller hung up before an answer: the proxy answered nobody
  DR: 'unanswered', // the caller reset the stream
  // DI (delay injected) and `-` say nothing: such a request goes on as usual.
};

/** The meaning of a `response_flags` value, several joined by commas; `proxy` wins, because then nothing was sent. */
export function flagMeaning(flags: string): FlagMeaning {
  const meanings = flags.split(',').map((flag) => MEANINGS[flag.trim()]);
  if (meanings.includes('proxy')) return 'proxy';
  return meanings.includes('unanswered') ? 'unanswered' : 'none';
}

/** The same in SQL, of a column: `proxy`, `unanswered` or `none`. */
export function flagMeaningSql(column: string): string {
  const list = (meaning: FlagMeaning) =>
    `[${Object.keys(MEANINGS)
      .filter((flag) => MEANINGS[flag] === meaning)
      .map((flag) => `'${flag}'`)
      .join(', ')}]`;
  const flags = `splitByChar(',', replaceAll(toString(${column}), ' ', ''))`;
  return `multiIf(${column} IN ('', '-'), 'none', hasAny(${flags}, ${list('proxy')}), 'proxy', hasAny(${flags}, ${list('unanswered')}), 'unanswered', 'none')`;
}
