// Istio's standard metrics. Who called whom is worked out once for a workload and an endpoint (or a
// caller), what came of it once for a status: a request finds its numbers by looking up, never by text.

import type { Peer, RequestRecord } from '../../request-record.ts';
import type { Cluster, Endpoint } from '../../upstream/cluster.ts';
import type { GatewayWorkload, Workload } from '../../workload.ts';
import { identityOf } from '../workload-identity.ts';
import { family, histogramFamily, labels } from './exposition.ts';
import type { FlagFacts } from './flag-facts.ts';
import { HISTOGRAM_SIZE, observe } from './histogram.ts';
import { destinationLabels, sourceLabels } from './istio-labels.ts';

/** Requests that ended alike between the same two: a counter and three histograms. */
interface Series {
  readonly labels: string;
  readonly values: Float64Array;
}
const DURATION = 1;
const REQUEST_BYTES = DURATION + HISTOGRAM_SIZE;
const RESPONSE_BYTES = REQUEST_BYTES + HISTOGRAM_SIZE;
const SERIES_SIZE = RESPONSE_BYTES + HISTOGRAM_SIZE;

/** Two who talk to each other. */
interface Pair {
  readonly labels: string;
  readonly policy: string;
  readonly outcomes: Map<number, Series>;
  /** By response flags. */
  tcp: Map<string, Float64Array> | undefined;
}

interface WorkloadPairs {
  readonly byDestination: WeakMap<Endpoint | Cluster, Pair>;
  readonly bySource: Map<string, Pair>;
  readonly nowhere: Pair;
}

export interface TcpRecord {
  readonly workload: Workload | GatewayWorkload;
  readonly direction: RequestRecord['direction'];
  readonly cluster: Cluster | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly peer: Peer | undefined;
  /** Of one that came to nothing. */
  readonly responseFlags?: string;
}

/** A TCP connection's counters: call as bytes pass and when it ends. */
export interface TcpMeter {
  bytes(received: number, sent: number): void;
  closed(): void;
}

export interface IstioStats {
  charge(record: RequestRecord, facts: FlagFacts): void;
  openTcp(record: TcpRecord): TcpMeter;
  families(): Generator<string>;
  /** Requests that were counted under `other` because there are too many series. */
  readonly overflowed: number;
}

export interface IstioStatsOptions {
  readonly clusterId: string;
  readonly trustDomain: string;
  readonly maxSeries: number;
}

const TCP_FAMILIES = [
  'istio_tcp_sent_bytes_total',
  'istio_tcp_received_bytes_total',
  'istio_tcp_connections_opened_total',
  'istio_tcp_connections_closed_total',
] as const;

export function createIstioStats(options: IstioStatsOptions): IstioStats {
  const { clusterId, trustDomain, maxSeries } = options;
  const workloads = new WeakMap<Workload | GatewayWorkload, WorkloadPairs>();
  /** Endpoints and workloads are made anew when the configuration changes: the same names are the same pair. */
  const pairs = new Map<string, Pair>();
  let seriesCount = 0;
  let overflowed = 0;
  const other = createPair(labels([['reporter', 'other']]), 'unknown');
  let otherSeries: Series | undefined;

  function createPair(text: string, policy: string): Pair {
    return { labels: text, policy, outcomes: new Map(), tcp: undefined };
  }

  function pairOf(text: string, policy: string): Pair {
    const name = `${text} ${policy}`;
    const known = pairs.get(name);
    if (known !== undefined) return known;
    if (pairs.size >= maxSeries) return other;
    const pair = createPair(text, policy);
    pairs.set(name, pair);
    return pair;
  }

  function pairsOf(workload: Workload | GatewayWorkload): WorkloadPairs {
    const known = workloads.get(workload);
    if (known !== undefined) return known;
    const identity = identityOf(workload, trustDomain);
    const nowhere = { cluster: undefined, endpoint: undefined };
    const made: WorkloadPairs = {
      byDestination: new WeakMap(),
      bySource: new Map(),
      nowhere: pairOf(sourceLabels(identity, nowhere, clusterId), 'unknown'),
    };
    workloads.set(workload, made);
    return made;
  }

  function findPair(record: TcpRecord): Pair {
    const known = pairsOf(record.workload);
    return record.direction === 'inbound' ? fromPeer(known, record) : toDestination(known, record);
  }

  function toDestination(known: WorkloadPairs, record: TcpRecord): Pair {
    const to = record.endpoint ?? record.cluster;
    if (to === undefined) return known.nowhere;
    const found = known.byDestination.get(to);
    if (found !== undefined) return found;
    const identity = identityOf(record.workload, trustDomain);
    const pair = pairOf(sourceLabels(identity, record, clusterId), 'unknown');
    known.byDestination.set(to, pair);
    return pair;
  }

  function fromPeer(known: WorkloadPairs, record: TcpRecord): Pair {
    const { peer } = record;
    const name = peer === undefined ? '' : peerKey(peer);
    const found = known.bySource.get(name);
    if (found !== undefined) return found;
    const identity = identityOf(record.workload, trustDomain);
    const policy = peer !== undefined && peer.principal !== '' ? 'mutual_tls' : 'none';
    const pair = pairOf(destinationLabels(identity, peer, clusterId), policy);
    if (known.bySource.size < maxSeries) known.bySource.set(name, pair);
    return pair;
  }

  function seriesOf(pair: Pair, record: RequestRecord, facts: FlagFacts): Series {
    // Statuses stay below 1,000, gRPC's below 64; flags take what is left.
    const outcome =
      (facts.id * 64 + ((record.grpcStatus + 1) & 63)) * 1024 + (record.status & 1023);
    const known = pair.outcomes.get(outcome);
    if (known !== undefined) return known;
    if (pair === other || seriesCount >= maxSeries) {
      overflowed++;
      return (otherSeries ??= createSeries(other.labels));
    }
    seriesCount++;
    const isGrpc = record.grpcStatus >= 0;
    const series = createSeries(
      `${pair.labels},${labels([
        ['request_protocol', isGrpc ? 'grpc' : 'http'],
        ['response_code', String(record.status)],
        ['grpc_response_status', isGrpc ? String(record.grpcStatus) : ''],
        ['response_flags', record.responseFlags === '' ? '-' : record.responseFlags],
        ['connection_security_policy', pair.policy],
      ])}`,
    );
    pair.outcomes.set(outcome, series);
    return series;
  }

  function* allSeries(): Generator<Series> {
    for (const pair of pairs.values()) yield* pair.outcomes.values();
    if (otherSeries) yield otherSeries;
  }

  const histogram = (start: number) =>
    function* () {
      for (const series of allSeries()) yield { ...series, start };
    };

  function* requestCounts() {
    for (const series of allSeries()) yield { labels: series.labels, value: series.values[0]! };
  }

  function* tcpCounts(place: number) {
    for (const pair of [...pairs.values(), other])
      for (const [flags, counts] of pair.tcp ?? [])
        yield {
          labels: `${pair.labels},${labels([
            ['request_protocol', 'tcp'],
            ['response_flags', flags],
            ['connection_security_policy', pair.policy],
          ])}`,
          value: counts[place]!,
        };
  }

  return {
    charge(record, facts) {
      const { values } = seriesOf(findPair(record), record, facts);
      values[0]!++;
      observe(values, DURATION, record.durationMs);
      observe(values, REQUEST_BYTES, record.bytesReceived);
      observe(values, RESPONSE_BYTES, record.bytesSent);
    },
    openTcp(record) {
      const byFlags = (findPair(record).tcp ??= new Map());
      const flags = record.responseFlags || '-';
      const counts = byFlags.get(flags) ?? new Float64Array(TCP_FAMILIES.length);
      byFlags.set(flags, counts);
      counts[2]!++;
      return {
        bytes(received, sent) {
          counts[0]! += sent;
          counts[1]! += received;
        },
        closed() {
          counts[3]!++;
        },
      };
    },
    *families() {
      yield family('istio_requests_total', 'counter', requestCounts());
      yield histogramFamily('istio_request_duration_milliseconds', histogram(DURATION)());
      yield histogramFamily('istio_request_bytes', histogram(REQUEST_BYTES)());
      yield histogramFamily('istio_response_bytes', histogram(RESPONSE_BYTES)());
      for (const [place, name] of TCP_FAMILIES.entries())
        yield family(name, 'counter', tcpCounts(place));
    },
    get overflowed() {
      return overflowed;
    },
  };
}

function createSeries(text: string): Series {
  return { labels: text, values: new Float64Array(SERIES_SIZE) };
}

/** The same caller has mostly the same object for its connection: then its key is at hand. */
const peerKeys = new WeakMap<Peer, string>();
function peerKey(peer: Peer): string {
  const known = peerKeys.get(peer);
  if (known !== undefined) return known;
  const made = `${peer.service}\n${peer.namespace}\n${peer.revision}\n${peer.principal}`;
  peerKeys.set(peer, made);
  return made;
}
