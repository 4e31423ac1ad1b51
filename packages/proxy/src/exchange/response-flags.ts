// Envoy's response flags and code details
// (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage).

import type { UpstreamFailure } from './streams.ts';

export const FLAG = {
  noHealthyUpstream: 'UH',
  connectionFailure: 'UF',
  overflow: 'UO',
  noRoute: 'NR',
  noCluster: 'NC',
  retryLimit: 'URX',
  timeout: 'UT',
  delay: 'DI',
  abort: 'FI',
  clientGone: 'DC',
  upstreamClosed: 'UC',
  upstreamReset: 'UR',
  upstreamProtocol: 'UPE',
  downstreamProtocol: 'DPE',
  streamIdle: 'SI',
  overload: 'OM',
  unauthorized: 'UAEX',
} as const;

/** The words for a failure in an answer's body and in its details. */
export function failureText({ reason, detail }: UpstreamFailure): string {
  switch (reason) {
    case 'connect':
      return `remote connection failure, transport failure reason: delayed connect error: ${detail}`;
    case 'connectTimeout':
      return 'connection timeout';
    case 'refused':
      return 'remote refused stream reset';
    case 'reset':
      return detail === 'stream' ? 'remote reset' : 'connection termination';
    case 'overflow':
      return 'overflow';
    case 'protocol':
      return 'protocol error';
    case 'unsendable':
      return detail;
  }
}

export function failureFlag({ reason, detail }: UpstreamFailure): string {
  switch (reason) {
    case 'connect':
    case 'connectTimeout':
      return FLAG.connectionFailure;
    case 'reset':
      return detail === 'stream' ? FLAG.upstreamReset : FLAG.upstreamClosed;
    case 'refused':
      return FLAG.upstreamReset;
    case 'overflow':
      return FLAG.overflow;
    case 'protocol':
    case 'unsendable':
      return FLAG.upstreamProtocol;
  }
}

/** Adds a flag to those that there are. */
export const withFlag = (flags: string, flag: string) =>
  flag === '' ? flags : flags === '' ? flag : `${flags},${flag}`;
