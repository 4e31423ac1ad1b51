import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRefusals } from './refusals.ts';
import { zipkinToSpan } from './zipkin.ts';

const SPAN = {
  traceId: '5982fe77008310cc80f1da5e10147519',
  parentId: 'bd7a977555f6b982',
  id: 'ebf33e1a81dc6f71',
  kind: 'CLIENT',
  name: 'get /',
  timestamp: 1458702548467000,
  duration: 386000,
  localEndpoint: { serviceName: 'frontend', ipv4: '172.17.0.13' },
  remoteEndpoint: { serviceName: 'backend', ipv4: '192.168.99.101', port: 9000 },
  annotations: [{ timestamp: 1458702548467000, value: 'ws' }],
  tags: { 'http.method': 'GET', error: 'timeout' },
};
const convert = (raw: unknown) => {
  const refusals = createRefusals();
  return { span: zipkinToSpan(raw, '/0', refusals), refusals };
};

describe('zipkinToSpan', () => {
  it('maps endpoints, annotations and the error tag', () => {
    expect(convert(SPAN).span).toEqual({
      traceId: '5982fe77008310cc80f1da5e10147519',
      spanId: 'ebf33e1a81dc6f71',
      parentSpanId: 'bd7a977555f6b982',
      traceState: '',
      name: 'get /',
      kind: 'client',
      startTimeUnixNano: 1458702548467000000n,
      durationNs: 386000000n,
      status: { code: 'error', message: 'timeout' },
      attributes: {
        'net.host.ip': '172.17.0.13',
        'net.peer.ip': '192.168.99.101',
        'net.peer.port': 9000n,
        'peer.service': 'backend',
        'http.method': 'GET',
      },
      events: [{ timeUnixNano: 1458702548467000000n, name: 'ws', attributes: {} }],
      links: [],
      resource: { attributes: { 'service.name': 'frontend' } },
      scope: { name: '', version: '' },
    });
  });

  it('takes a 64-bit trace id, a missing duration and the time of the first annotation', () => {
    const { timestamp: _, duration: __, ...rest } = SPAN;
    expect(convert({ ...rest, traceId: 'bd7a977555f6b982' }).span).toMatchObject({
      traceId: '0000000000000000bd7a977555f6b982',
      durationNs: 0n,
      startTimeUnixNano: 1458702548467000000n,
    });
  });

  it('gives a span or counts a refusal, whatever it gets', () => {
    const key = fc.constantFrom(...Object.keys(SPAN));
    const broken = fc
      .array(fc.tuple(key, fc.jsonValue()), { maxLength: 3 })
      .map((entries) => ({ ...SPAN, ...Object.fromEntries(entries) }));
    fc.assert(
      fc.property(fc.oneof(broken, fc.jsonValue()), (raw) => {
        const { span, refusals } = convert(raw);
        expect(refusals.total).toBe(span === undefined ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});
