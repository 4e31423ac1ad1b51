import { randomBytes } from 'node:crypto';
import { encodeOtlp } from './otlp-descriptor.ts';

export const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** A request of `count` spans of one service, in protobufjs' object form. */
export function requestObject(count: number, service = 'shop'): Record<string, unknown> {
  const now = BigInt(Date.now()) * 1_000_000n;
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', service)] },
        scopeSpans: [
          {
            scope: { name: 'test' },
            spans: Array.from({ length: count }, (_, i) => ({
              traceId: randomBytes(16),
              spanId: randomBytes(8),
              name: `span ${i}`,
              kind: 2,
              startTimeUnixNano: String(now - 5_000_000n),
              endTimeUnixNano: String(now),
              attributes: [text('http.request.method', 'GET'), text('url.path', `/users/${i}`)],
              status: {},
            })),
          },
        ],
      },
    ],
  };
}

export function requestBytes(count: number, service = 'shop'): Uint8Array {
  return encodeOtlp(requestObject(count, service));
}
