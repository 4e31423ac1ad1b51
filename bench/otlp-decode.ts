// How long one span with 10 attributes takes from OTLP/protobuf bytes to a batch ready for the store, and
// how that compares with protobufjs, which only decodes. Run: ./clover bench decode

import { randomBytes } from 'node:crypto';
import { decodeOtlpProto } from '../packages/collector/src/decode-otlp-proto.ts';
import { machineLine } from './machine.ts';
import { SpanBatchBuilder } from '../packages/collector/src/builder.ts';
import { encodeOtlp, OtlpRequest } from '../packages/collector/test/support/otlp-descriptor.ts';

const SPANS_PER_REQUEST = 1000;
const REQUESTS = 20;
const ROUNDS = 12;

type Attribute = { key: string; value: Record<string, unknown> };
const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const int = (key: string, value: number): Attribute => ({ key, value: { intValue: value } });
const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
const number = (below: number) => Math.floor(Math.random() * below);

const AGENTS = ['curl/8.9', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/131', 'Go-http-client/1.1'];
const workloads: Record<string, () => Attribute[]> = {
  'HTTP server spans, stable names': () => [
    text('http.request.method', pick(['GET', 'POST'])),
    int('http.response.status_code', pick([200, 200, 200, 404, 500])),
    text('url.path', `/api/v1/users/${number(5000)}/orders`),
    text('url.scheme', 'http'),
    text('server.address', 'shop.example'),
    int('server.port', 8080),
    text('network.peer.address', `10.0.0.${number(200)}`),
    text('user_agent.original', pick(AGENTS)),
    text('http.route', '/api/v1/users/{id}/orders'),
    text('network.protocol.version', '1.1'),
  ],
  'Envoy spans, names and values to translate': () => [
    text('http.method', 'GET'),
    text('http.status_code', pick(['200', '200', '503'])),
    text('http.url', `http://shop.example/front/users/${number(5000)}`),
    text('user_agent', pick(AGENTS)),
    text('response_flags', '-'),
    text('upstream_cluster', 'outbound|80|v2|web.demo.svc.cluster.local'),
    text('node_id', 'sidecar~10.0.0.9~front-66f846ff5c-bgffw.demo~demo.svc.cluster.local'),
    text('http.protocol', 'HTTP/1.1'),
    text('peer.address', `10.0.0.${number(200)}:8080`),
    text('guid:x-request-id', randomBytes(16).toString('hex')),
  ],
  'random: 97 keys, 1,000 values': () =>
    Array.from({ length: 10 }, () => text(`attribute.key.${number(97)}`, `value-${number(1000)}`)),
};

function requestOf(attributes: () => Attribute[]): Uint8Array {
  const start = BigInt(Date.now()) * 1_000_000n;
  return encodeOtlp({
    resourceSpans: [
      {
        resource: {
          attributes: [
            text('service.name', pick(['front', 'cart', 'pay'])),
            text('host.name', 'h1'),
          ],
        },
        scopeSpans: [
          {
            scope: { name: 'bench' },
            spans: Array.from({ length: SPANS_PER_REQUEST }, () => ({
              traceId: randomBytes(16),
              spanId: randomBytes(8),
              parentSpanId: randomBytes(8),
              name: pick(['GET /users', 'GET /orders', 'POST /pay']),
              kind: pick([2, 3]),
              startTimeUnixNano: String(start + BigInt(number(1e9))),
              endTimeUnixNano: String(start + BigInt(1e9 + number(1e9))),
              attributes: attributes(),
              status: {},
            })),
          },
        ],
      },
    ],
  });
}

/** Nanoseconds a span, the best of the rounds: the others show what else the machine did. */
function best(run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - began));
  }
  return least / (REQUESTS * SPANS_PER_REQUEST);
}

console.log(machineLine());
const builder = new SpanBatchBuilder();
for (const [name, attributes] of Object.entries(workloads)) {
  const requests = Array.from({ length: REQUESTS }, () => requestOf(attributes));
  const bytes = requests.reduce((sum, request) => sum + request.length, 0);
  const own = best(() => {
    builder.reset();
    for (const request of requests) decodeOtlpProto(request, builder, 'otlp-http');
    builder.finish();
  });
  const other = best(() => {
    for (const request of requests) OtlpRequest.decode(request);
  });
  console.log(
    `${name}: ${Math.round(bytes / REQUESTS / SPANS_PER_REQUEST)} bytes a span; ` +
      `decode and process ${Math.round(own)} ns a span (${Math.round(1e9 / own).toLocaleString('en')} spans/s), ` +
      `protobufjs decode alone ${Math.round(other)} ns: ${(other / own).toFixed(1)} times as long`,
  );
}
