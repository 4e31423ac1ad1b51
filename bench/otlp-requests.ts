// OTLP/HTTP protobuf requests encoded once and stamped with new ids and times before each use, so
// that the load generator costs little and yet never sends the same span twice.
import { randomFillSync } from 'node:crypto';

export interface StampedRequest {
  readonly body: Buffer;
  readonly spans: number;
  /** Gives every span new ids and moves all times to now. */
  stamp(nowMs: number): void;
  /** The same with a body of its own; encoding anew takes far longer. */
  copy(): StampedRequest;
}

const SERVICES = 10; // also the length of a trace: each service calls the next
const PATHS = ['products', 'orders', 'users', 'cart', 'search', 'catalog', 'stock', 'prices'];
const AGENTS = ['Mozilla/5.0 Chrome/142.0', 'Mozilla/5.0 Firefox/144.0', 'curl/8.14.1', 'k6/1.3.0'];
const KIND_SERVER = 2;
// Where things stand in a span that begins with its fixed-size fields.
const TRACE_ID = 2;
const SPAN_ID = 20;
const PARENT_ID = 30;
const START = 39;
const END = 48;

/**
 * A request of `spans` spans (a multiple of 10) in traces of ten over ten services, ten attributes
 * each: four with few values, three with up to a thousand.
 */
export function createRequest(spans: number, random: () => number): StampedRequest {
  const offsets: Offset[] = [];
  const traces = spans / SERVICES;
  const groups: Buffer[] = [];
  let position = 0;
  for (let service = 0; service < SERVICES; service++) {
    const encoded = Array.from({ length: traces }, () => encodeSpan(service, random));
    const resourceFields = message(
      1,
      Buffer.concat([
        message(1, attribute('service.name', `service-${service}`)),
        message(1, attribute('service.version', 'v1')),
        message(1, attribute('service.instance.id', `service-${service}-0`)),
      ]),
    );
    const spanFields = encoded.map((span) => message(2, span));
    const scopeHead = message(1, text(1, 'bench'));
    const scopeBody = Buffer.concat([scopeHead, ...spanFields]);
    const scopeField = message(2, scopeBody);
    const group = message(1, Buffer.concat([resourceFields, scopeField]));
    // From the group's start to the first span field: everything that is not scope body, and its head.
    let at = position + (group.length - scopeBody.length) + scopeHead.length;
    for (const [index, span] of encoded.entries()) {
      const durationNs = BigInt(Math.round(2e6 * Math.exp(0.6 * (random() + random() - 1) * 3)));
      offsets.push({
        at: at + (spanFields[index]!.length - span.length),
        startNs: BigInt(service) * 100_000n,
        durationNs: durationNs * BigInt(SERVICES - service),
      });
      at += spanFields[index]!.length;
    }
    groups.push(group);
    position += group.length;
  }
  return stamped(Buffer.concat(groups), spans, offsets);
}

interface Offset {
  readonly at: number;
  readonly startNs: bigint;
  readonly durationNs: bigint;
}

function stamped(body: Buffer, spans: number, offsets: readonly Offset[]): StampedRequest {
  const traces = spans / SERVICES;
  const ids = Buffer.alloc(traces * 16 + spans * 8);
  return {
    body,
    spans,
    copy: () => stamped(Buffer.from(body), spans, offsets),
    stamp(nowMs) {
      randomFillSync(ids);
      const nowNs = BigInt(Math.round(nowMs)) * 1_000_000n;
      offsets.forEach(({ at, startNs, durationNs }, index) => {
        const trace = index % traces;
        ids.copy(body, at + TRACE_ID, trace * 16, trace * 16 + 16);
        const own = traces * 16 + index * 8;
        ids.copy(body, at + SPAN_ID, own, own + 8);
        const parent = own - traces * 8;
        if (index >= traces) ids.copy(body, at + PARENT_ID, parent, parent + 8);
        body.writeBigUInt64LE(nowNs + startNs, at + START);
        body.writeBigUInt64LE(nowNs + startNs + durationNs, at + END);
      });
    },
  };
}

function encodeSpan(service: number, random: () => number): Buffer {
  const below = (count: number) => Math.floor(random() * count);
  const path = PATHS[below(PATHS.length)]!;
  const id = below(1000);
  const status = random() < 0.01 ? 500 : 200;
  const head = Buffer.alloc(END + 8);
  head.set([0x0a, 16], 0);
  head.set([0x12, 8], TRACE_ID + 16);
  // A root carries an all-zero parent, which OTLP takes for none, so that all spans look alike.
  head.set([0x22, 8], SPAN_ID + 8);
  head[START - 1] = 0x39;
  head[END - 1] = 0x41;
  return Buffer.concat([
    head,
    text(5, `GET /${path}/{id}`),
    Buffer.from([0x30, KIND_SERVER]),
    ...[
      attribute('http.request.method', 'GET'),
      attribute('http.route', `/${path}/{id}`),
      attribute('url.path', `/${path}/${id}`),
      attribute('url.scheme', 'http'),
      attribute('http.response.status_code', status),
      attribute('server.address', `service-${service}`),
      attribute('user_agent.original', AGENTS[below(AGENTS.length)]!),
      attribute('network.peer.address', `10.0.${below(4)}.${below(250)}`),
      attribute('enduser.id', `user-${below(1000)}`),
      attribute('thread.name', `worker-${below(16)}`),
    ].map((encoded) => message(9, encoded)),
  ]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return Buffer.from(bytes);
}

function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(content.length), content]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

/** A KeyValue's content. */
function attribute(key: string, value: string | number): Buffer {
  const any =
    typeof value === 'string'
      ? text(1, value)
      : Buffer.concat([Buffer.from([0x18]), varint(value)]);
  return Buffer.concat([text(1, key), message(2, any)]);
}
