// A request's spans as OTLP bytes, with the tags of Envoy's OpenTelemetry tracer in its order of meaning.
// Tags: envoy/source/common/tracing/http_tracer_impl.cc; names and istio.* tags: Istio's telemetry.
// Span: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto

import {
  ABSENT_ATTRIBUTE,
  LABELS_ATTRIBUTE,
  MATCHES_ATTRIBUTE,
  PORT_ATTRIBUTE,
} from '@clover/traffic';
import type { RequestRecord } from '../../request-record.ts';
import { parseClusterName } from '../cluster-name.ts';
import type { TraceContext } from '../trace-context.ts';
import type { WorkloadIdentity } from '../workload-identity.ts';
import { ByteWriter, headerBytes } from './byte-writer.ts';
import { key, writeKeyList, writeKeyValue, type Key } from './key-value.ts';

/** Span.attributes */
const ATTRIBUTE = 0x4a;
const SERVER = 2;
const CLIENT = 3;

const KEYS = {
  url: key('http.url'),
  method: key('http.method'),
  status: key('http.status_code'),
  protocol: key('http.protocol'),
  userAgent: key('user_agent'),
  requestId: key('guid:x-request-id'),
  requestSize: key('request_size'),
  responseSize: key('response_size'),
  flags: key('response_flags'),
  peerAddress: key('peer.address'),
  upstreamAddress: key('upstream_address'),
  upstreamCluster: key('upstream_cluster'),
  upstreamClusterName: key('upstream_cluster.name'),
  error: key('error'),
  retryCount: key('retry.count'),
  grpcStatus: key('grpc.status_code'),
  port: key(PORT_ATTRIBUTE),
  absentHeaders: key(ABSENT_ATTRIBUTE),
  headerMatches: key(MATCHES_ATTRIBUTE),
};

/** What all spans of a workload have in common, encoded once. */
export interface SpanOwner {
  readonly identity: WorkloadIdentity;
  /** Attributes of the proxy's own span. */
  readonly constants: Buffer;
  /** The workload's labels, which rules look at: of spans that tell of a decision. */
  readonly labels: Buffer;
  /** Attributes of a gateway's upstream span, which has fewer. */
  readonly egressConstants: Buffer;
}

export interface MeshNames {
  readonly meshId: string;
  readonly clusterId: string;
}

export function createSpanOwner(identity: WorkloadIdentity, mesh: MeshNames): SpanOwner {
  const common = [
    ['component', 'proxy'],
    ['istio.canonical_service', identity.canonicalService],
    ['istio.canonical_revision', identity.canonicalRevision],
    ['istio.mesh_id', mesh.meshId],
    ['istio.cluster_id', mesh.clusterId],
    ['istio.namespace', identity.namespace],
  ] as const;
  const own = [
    ['node_id', identity.nodeId],
    ['downstream_cluster', '-'],
    ['zone', ''],
  ] as const;
  return {
    identity,
    constants: encodeAttributes([...common, ...own]),
    labels: encodeLabels(identity.labels),
    egressConstants: encodeAttributes(common),
  };
}

/** What spans to one cluster have in common. */
interface ClusterParts {
  readonly name: string;
  readonly egressName: string;
  readonly attributes: Buffer;
}

const MAX_CLUSTERS = 10_000;
const NO_CLUSTER = '-';

/** Encodes spans; holds what it learned of clusters, bounded. */
export class SpanWriter {
  private readonly span = new ByteWriter(4096);
  private readonly clusters = new Map<string, ClusterParts>();
  /** Of headers that rules look at. */
  private readonly headerKeys = new Map<string, Key>();
  /** Span names of inbound clusters by owner: they name the service that is called. */
  private readonly inboundNames = new WeakMap<SpanOwner, Map<string, string>>();

  /** Appends the spans of a request as `ScopeSpans.spans`, and gives back how many: 1, or 2 at a gateway. */
  write(to: ByteWriter, record: RequestRecord, trace: TraceContext, owner: SpanOwner): number {
    const parts = this.partsOf(record.cluster?.name ?? NO_CLUSTER);
    const isClient = record.direction === 'outbound' || record.mirror;
    const name = this.nameOf(record, owner, parts);
    this.begin(trace, trace.spanId, trace.parentSpanId, name, isClient ? CLIENT : SERVER);
    this.times(record);
    this.span.bytes(owner.constants);
    this.span.bytes(parts.attributes);
    this.requestAttributes(record);
    if (record.direction !== 'inbound') {
      this.span.bytes(owner.labels);
      this.evidence(record);
    }
    this.text(KEYS.peerAddress, withoutPort(record.downstreamRemote));
    if (isClient) this.upstreamAttributes(record);
    this.outcome(record, isClient);
    this.end(to);
    const hasUpstream = record.endpoint !== undefined && record.attempts > 0;
    if (isClient || !hasUpstream || trace.upstreamSpanId === trace.spanId) return 1;
    this.begin(trace, trace.upstreamSpanId, trace.spanId, parts.egressName, CLIENT);
    this.times(record);
    this.span.bytes(owner.egressConstants);
    this.span.bytes(parts.attributes);
    this.text(KEYS.protocol, record.protocol);
    this.text(KEYS.peerAddress, record.endpoint?.key ?? '-');
    this.upstreamAttributes(record);
    this.outcome(record, true);
    this.end(to);
    return 2;
  }

  private begin(
    trace: TraceContext,
    spanId: string,
    parentSpanId: string,
    name: string,
    kind: number,
  ): void {
    const { span } = this;
    span.clear();
    span.byte(0x0a);
    span.byte(16);
    span.hex(trace.traceId);
    span.byte(0x12);
    span.byte(8);
    span.hex(spanId);
    if (trace.traceState !== '') this.field(0x1a, trace.traceState);
    if (parentSpanId !== '') {
      span.byte(0x22);
      span.byte(8);
      span.hex(parentSpanId);
    }
    this.field(0x2a, name);
    span.byte(0x30);
    span.byte(kind);
  }

  private times(record: RequestRecord): void {
    const { span } = this;
    span.byte(0x39);
    span.unixNano(record.startUnixMs);
    span.byte(0x41);
    span.unixNano(record.startUnixMs + record.durationMs);
  }

  private requestAttributes(record: RequestRecord): void {
    this.text(KEYS.url, `${record.scheme}://${record.authority}${record.path}`);
    this.text(KEYS.method, record.method);
    this.text(KEYS.protocol, record.protocol);
    this.text(KEYS.userAgent, record.userAgent === '' ? '-' : record.userAgent);
    if (record.requestId !== '') this.text(KEYS.requestId, record.requestId);
    this.text(KEYS.requestSize, String(record.bytesReceived));
    this.text(KEYS.responseSize, String(record.bytesSent));
  }

  /** What it takes to decide the request again, in OpenTelemetry's names as far as it has any. */
  private evidence({ port, evidence }: RequestRecord): void {
    this.text(KEYS.port, String(port));
    if (evidence === undefined) return;
    for (const [name, value] of evidence.headers)
      writeKeyList(this.span, ATTRIBUTE, this.headerKey(name), [value]);
    const { absent, matches } = evidence;
    if (absent.length > 0) writeKeyList(this.span, ATTRIBUTE, KEYS.absentHeaders, absent);
    if (matches.length > 0) writeKeyList(this.span, ATTRIBUTE, KEYS.headerMatches, matches);
  }

  private headerKey(name: string): Key {
    let known = this.headerKeys.get(name);
    if (known === undefined) {
      known = key(`http.request.header.${name}`);
      if (this.headerKeys.size < MAX_CLUSTERS) this.headerKeys.set(name, known);
    }
    return known;
  }

  private upstreamAttributes(record: RequestRecord): void {
    if (record.endpoint) this.text(KEYS.upstreamAddress, record.endpoint.key);
    if (record.attempts > 1) this.text(KEYS.retryCount, String(record.attempts - 1));
  }

  /** Status, flags, and whether it is an error: 5xx or no answer at all; for a client 4xx too. */
  private outcome(record: RequestRecord, isClient: boolean): void {
    const { status, grpcStatus } = record;
    this.text(KEYS.status, String(status));
    this.text(KEYS.flags, record.responseFlags === '' ? '-' : record.responseFlags);
    if (grpcStatus >= 0) this.text(KEYS.grpcStatus, String(grpcStatus));
    const isServerError = status === 0 || status >= 500 || SERVER_FAULTS.has(grpcStatus);
    if (isServerError) this.text(KEYS.error, 'true');
    if (isServerError || (isClient && (status >= 400 || grpcStatus > 0))) {
      // Status.code = ERROR
      this.span.byte(0x7a);
      this.span.byte(2);
      this.span.byte(0x18);
      this.span.byte(2);
    }
  }

  private end(to: ByteWriter): void {
    to.byte(0x12);
    to.varint(this.span.length);
    to.bytes(this.span.view());
  }

  private text(name: { readonly bytes: Buffer }, value: string): void {
    writeKeyValue(this.span, ATTRIBUTE, name, value);
  }

  private field(tag: number, value: string): void {
    const { span } = this;
    const start = span.length;
    span.byte(tag);
    span.varint(value.length);
    if (span.ascii(value)) return;
    span.length = start;
    const bytes = headerBytes(value);
    span.byte(tag);
    span.varint(bytes.length);
    span.bytes(bytes);
  }

  private nameOf(record: RequestRecord, owner: SpanOwner, parts: ClusterParts): string {
    if (record.cluster === undefined) return `${record.authority}/*`;
    if (record.direction !== 'inbound') return parts.name;
    let names = this.inboundNames.get(owner);
    if (names === undefined) this.inboundNames.set(owner, (names = new Map()));
    const known = names.get(record.cluster.name);
    if (known !== undefined) return known;
    const { port, host } = parseClusterName(record.cluster.name);
    const { canonicalService, namespace } = owner.identity;
    const name = `${host === '' ? `${canonicalService}.${namespace}.svc.cluster.local` : host}:${port}/*`;
    if (names.size < MAX_CLUSTERS) names.set(record.cluster.name, name);
    return name;
  }

  private partsOf(cluster: string): ClusterParts {
    const known = this.clusters.get(cluster);
    if (known !== undefined) return known;
    const { host, port } = parseClusterName(cluster);
    const parts = {
      name: port === '' ? `${host}/*` : `${host}:${port}/*`,
      egressName: `router ${cluster} egress`,
      attributes: encodeAttributes(
        cluster === NO_CLUSTER
          ? [['upstream_cluster', NO_CLUSTER]]
          : [
              ['upstream_cluster', cluster],
              ['upstream_cluster.name', cluster],
            ],
      ),
    };
    if (this.clusters.size < MAX_CLUSTERS) this.clusters.set(cluster, parts);
    return parts;
  }
}

/** gRPC codes that mean the server failed: unknown, deadline, unimplemented, internal, unavailable, data loss. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

function encodeAttributes(list: readonly (readonly [string, string])[]): Buffer {
  const writer = new ByteWriter(512);
  for (const [name, value] of list) writeKeyValue(writer, ATTRIBUTE, key(name), value);
  return Buffer.from(writer.view());
}

function encodeLabels(labels: Readonly<Record<string, string>>): Buffer {
  const writer = new ByteWriter(256);
  const list = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (list.length > 0) writeKeyList(writer, ATTRIBUTE, key(LABELS_ATTRIBUTE), list);
  return Buffer.from(writer.view());
}

/** `10.0.0.1:80` -> 10.0.0.1, `[::1]:80` -> ::1 */
export function withoutPort(address: string): string {
  const colon = address.lastIndexOf(':');
  if (colon < 0) return address;
  if (address.charCodeAt(0) === 91) return address.slice(1, address.indexOf(']'));
  return address.slice(0, colon);
}
