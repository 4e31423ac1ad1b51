// Spans gathered per workload until a batch is full or a second old, then one OTLP request of them.

import type { RequestRecord } from '../../request-record.ts';
import type { GatewayWorkload, Workload } from '../../workload.ts';
import type { TraceContext } from '../trace-context.ts';
import { identityOf } from '../workload-identity.ts';
import { ByteWriter, varintSize } from './byte-writer.ts';
import { key, writeKeyValue } from './key-value.ts';
import { createSpanOwner, SpanWriter, type MeshNames, type SpanOwner } from './span-writer.ts';

/** An `ExportTraceServiceRequest`. */
export interface SpanExport {
  readonly body: Uint8Array;
  readonly spans: number;
}

export interface SpanBatchesOptions extends MeshNames {
  readonly trustDomain: string;
  readonly version: string;
  /** A batch of so many bytes is exported at once. */
  readonly maxBatchBytes: number;
  readonly exportSpans: (batch: SpanExport) => void;
}

interface Group {
  readonly owner: SpanOwner;
  readonly resource: Buffer;
  readonly spans: ByteWriter;
}

export interface SpanBatches {
  add(record: RequestRecord, trace: TraceContext): void;
  /** Hands over what there is. */
  flush(): void;
  /** Spans made so far. */
  readonly made: number;
}

export function createSpanBatches(options: SpanBatchesOptions): SpanBatches {
  const writer = new SpanWriter();
  const scope = encodeScope(options.version);
  let groups = new Map<Workload | GatewayWorkload, Group>();
  let bytes = 0;
  let waiting = 0;
  let made = 0;

  function groupOf(workload: Workload | GatewayWorkload): Group {
    const known = groups.get(workload);
    if (known !== undefined) return known;
    const identity = identityOf(workload, options.trustDomain);
    const group: Group = {
      owner: createSpanOwner(identity, options),
      resource: encodeResource(identity.serviceName, options.version),
      spans: new ByteWriter(16_384),
    };
    groups.set(workload, group);
    return group;
  }

  function flush(): void {
    if (waiting === 0) return;
    const body = encodeRequest(groups.values(), scope);
    const spans = waiting;
    waiting = 0;
    bytes = 0;
    // Workloads come and go: those without spans since the last batch are forgotten.
    groups = new Map([...groups].filter(([, group]) => group.spans.length > 0));
    for (const group of groups.values()) group.spans.clear();
    options.exportSpans({ body, spans });
  }

  return {
    add(record, trace) {
      const group = groupOf(record.workload);
      const before = group.spans.length;
      const count = writer.write(group.spans, record, trace, group.owner);
      waiting += count;
      made += count;
      bytes += group.spans.length - before;
      if (bytes >= options.maxBatchBytes) flush();
    },
    flush,
    get made() {
      return made;
    },
  };
}

function encodeResource(serviceName: string, version: string): Buffer {
  const attributes = new ByteWriter(256);
  for (const [name, value] of [
    ['service.name', serviceName],
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.name', 'clover'],
    ['telemetry.sdk.version', version],
  ] as const)
    writeKeyValue(attributes, 0x0a, key(name), value);
  return message(0x0a, attributes.view());
}

function encodeScope(version: string): Buffer {
  const name = message(0x0a, Buffer.from('clover-proxy'));
  return message(0x0a, Buffer.concat([name, message(0x12, Buffer.from(version))]));
}

/** A field with its length before it. */
function message(tag: number, body: Uint8Array): Buffer {
  const writer = new ByteWriter(body.length + 8);
  writer.byte(tag);
  writer.varint(body.length);
  writer.bytes(body);
  return Buffer.from(writer.view());
}

function encodeRequest(groups: Iterable<Group>, scope: Buffer): Uint8Array {
  const request = new ByteWriter(65_536);
  for (const { resource, spans } of groups) {
    if (spans.length === 0) continue;
    const scopeSpans = scope.length + spans.length;
    request.byte(0x0a);
    request.varint(resource.length + 1 + varintSize(scopeSpans) + scopeSpans);
    request.bytes(resource);
    request.byte(0x12);
    request.varint(scopeSpans);
    request.bytes(scope);
    request.bytes(spans.view());
  }
  return Buffer.from(request.view());
}
