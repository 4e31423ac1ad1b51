import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampler } from './sampling.ts';
import { extractTrace, forkTrace, writeTraceHeaders, type TraceContext } from './trace-context.ts';
import { PROPAGATION_HEADERS, TraceHeaders } from './trace-headers.ts';
import { newRequestId, newSpanId, newTraceId } from './trace-ids.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const never = createSampler(0);
const always = createSampler(1);

function extract(headers: Record<string, string>, sampler = never, twoSpans = false): TraceContext {
  const found = new TraceHeaders();
  for (const [name, value] of Object.entries(headers)) found.offer(name, value);
  return extractTrace(found, { sampler, twoSpans });
}

function written(trace: TraceContext): Record<string, string> {
  const headers: Record<string, string> = {};
  writeTraceHeaders(trace, (name, value) => (headers[name] = value));
  return headers;
}

describe('extractTrace', () => {
  it('continues a W3C trace with the caller as parent and its word on sampling', () => {
    const trace = extract({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=b' });
    expect(trace).toMatchObject({
      traceId: TRACE,
      parentSpanId: SPAN,
      sampled: true,
      traceState: 'a=b',
      b3: 'none',
    });
    expect(extract({ traceparent: `00-${TRACE}-${SPAN}-00` }, always).sampled).toBe(false);
  });

  it('takes later versions of traceparent and refuses what is not valid', () => {
    expect(extract({ traceparent: `cc-${TRACE}-${SPAN}-01-more` }).traceId).toBe(TRACE);
    for (const wrong of [
      `00-${TRACE}-${SPAN}-01-more`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
      `00-${TRACE}-${SPAN}-0g`,
      '',
    ]) {
      const trace = extract({ traceparent: wrong });
      expect(trace.traceId).not.toBe(TRACE);
      expect(trace.parentSpanId).toBe('');
    }
  });

  it('ignores a traceparent that comes twice', () => {
    const headers = new TraceHeaders();
    headers.offer('traceparent', `00-${TRACE}-${SPAN}-01`);
    headers.offer('traceparent', `00-${TRACE}-${SPAN}-01`);
    expect(extractTrace(headers, { sampler: never, twoSpans: false }).parentSpanId).toBe('');
  });

  it('reads B3 in several headers, in one, and with short trace ids', () => {
    const multi = extract({ 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' });
    expect(multi).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, sampled: true, b3: 'multi' });
    expect(extract({ b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` })).toMatchObject({
      traceId: TRACE,
      parentSpanId: SPAN,
      sampled: true,
      b3: 'single',
    });
    expect(extract({ b3: `a3ce929d0e0e4736-${SPAN}-d` })).toMatchObject({
      traceId: '0000000000000000a3ce929d0e0e4736',
      sampled: true,
    });
    expect(extract({ 'x-b3-flags': '1' }).sampled).toBe(true);
  });

  it('heeds a B3 decision without ids', () => {
    expect(extract({ b3: '0' }, always).sampled).toBe(false);
    expect(extract({ b3: '1' }).sampled).toBe(true);
    expect(extract({ 'x-b3-sampled': '0' }, always).sampled).toBe(false);
  });

  it('decides itself when a B3 parent leaves it open', () => {
    expect(extract({ b3: `${TRACE}-${SPAN}` }, always).sampled).toBe(true);
    expect(extract({ b3: `${TRACE}-${SPAN}` }, never).sampled).toBe(false);
  });

  it('lets W3C win over B3 and force win over both', () => {
    const both = { traceparent: `00-${TRACE}-${SPAN}-00`, b3: '1' };
    expect(extract(both).sampled).toBe(false);
    expect(extract({ ...both, 'x-envoy-force-trace': 'true' }).sampled).toBe(true);
  });

  it('gives the upstream a span of its own at a gateway', () => {
    const gateway = extract({}, always, true);
    expect(gateway.upstreamSpanId).not.toBe(gateway.spanId);
    expect(written(gateway)['traceparent']).toContain(gateway.upstreamSpanId);
    const sidecar = extract({}, always);
    expect(sidecar.upstreamSpanId).toBe(sidecar.spanId);
  });
});

describe('writeTraceHeaders', () => {
  it('writes the forms that came in, all of one span', () => {
    const trace = extract({ b3: `${TRACE}-${SPAN}-1`, 'x-b3-sampled': '1' });
    for (const name of Object.keys(written(trace))) expect(PROPAGATION_HEADERS).toContain(name);
    expect(written(trace)).toEqual({
      traceparent: `00-${TRACE}-${trace.spanId}-01`,
      b3: `${TRACE}-${trace.spanId}-1-${SPAN}`,
      'x-b3-traceid': TRACE,
      'x-b3-spanid': trace.spanId,
      'x-b3-parentspanid': SPAN,
      'x-b3-sampled': '1',
    });
  });

  it('is understood by the next hop', () => {
    const id = fc.stringMatching(/^[0-9a-f]{16}$/).filter((text) => text !== '0'.repeat(16));
    fc.assert(
      fc.property(id, id, fc.boolean(), fc.constantFrom('w3c', 'b3', 'multi'), (a, b, s, form) => {
        const first = extract(
          form === 'w3c'
            ? { traceparent: `00-${a}${b}-${b}-0${s ? 1 : 0}` }
            : form === 'b3'
              ? { b3: `${a}${b}-${b}-${s ? 1 : 0}` }
              : { 'x-b3-traceid': a + b, 'x-b3-spanid': b, 'x-b3-sampled': s ? '1' : '0' },
        );
        const next = extract(written(first));
        expect(next.traceId).toBe(a + b);
        expect(next.parentSpanId).toBe(first.spanId);
        expect(next.sampled).toBe(s);
        expect(next.b3).toBe(first.b3);
      }),
    );
  });
});

describe('forkTrace', () => {
  it('is a further span of the same trace', () => {
    const trace = extract({ traceparent: `00-${TRACE}-${SPAN}-01` });
    const copy = forkTrace(trace);
    expect(copy).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, sampled: true });
    expect(copy.spanId).not.toBe(trace.spanId);
    const first = extract({});
    expect(forkTrace(first).parentSpanId).toBe(first.spanId);
  });

  it('is a call of the gateway, not of the gateway’s client', () => {
    const trace = extract({ traceparent: `00-${TRACE}-${SPAN}-01` }, never, true);
    expect(forkTrace(trace).parentSpanId).toBe(trace.spanId);
  });
});

describe('sampling', () => {
  it('keeps the share it says, with the threshold that says it', () => {
    const sampler = createSampler(0.25);
    expect(sampler.traceState).toBe('ot=th:c');
    expect(sampler.samples(`${'0'.repeat(18)}c0000000000000`)).toBe(true);
    expect(sampler.samples(`${'0'.repeat(18)}bfffffffffffff`)).toBe(false);
    const kept = Array.from({ length: 20_000 }, newTraceId).filter((id) => sampler.samples(id));
    expect(kept.length).toBeGreaterThan(4_500);
    expect(kept.length).toBeLessThan(5_500);
  });

  it('marks only traces that it chose by ratio', () => {
    expect(extract({}, createSampler(1 - 2 ** -40)).traceState).toBe('');
    expect(extract({ 'x-envoy-force-trace': '1' }, createSampler(0.01)).traceState).toBe('');
    const half = createSampler(0.5);
    for (let n = 0; n < 50; n++) {
      const trace = extract({}, half);
      expect(trace.traceState).toBe(trace.sampled ? 'ot=th:8' : '');
    }
  });
});

describe('identifiers', () => {
  it('are hexadecimal, of the right length and do not repeat', () => {
    const traces = new Set(Array.from({ length: 5_000 }, newTraceId));
    expect(traces.size).toBe(5_000);
    for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('make request ids that say whether they are traced, as Envoy does', () => {
    expect(newRequestId(true)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-9[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(newRequestId(false)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  });
});
