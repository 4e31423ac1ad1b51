import { trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { passTraceHeaders } from './pass-trace-headers.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** What a call gets that a service makes while it answers a request with these headers. */
function passedOn(came: Record<string, string>): Record<string, unknown> {
  const telemetry = passTraceHeaders();
  const parent = telemetry.extract(came);
  const server = telemetry.tracer.startSpan('GET', {}, parent);
  const context = trace.setSpan(parent, server);
  const client = telemetry.tracer.startSpan('GET', {}, context);
  const headers = {};
  telemetry.inject(trace.setSpan(context, client), headers);
  return headers;
}

describe('passTraceHeaders', () => {
  it('hands a trace’s headers on as they came, whatever spans were asked for', () => {
    expect(passedOn({ traceparent, tracestate: 'ot=th:8', accept: '*/*' })).toEqual({
      traceparent,
      tracestate: 'ot=th:8',
    });
    expect(passedOn({ accept: '*/*' })).toEqual({});
  });

  it('knows the trace of a request, for what is told of it', () => {
    const { tracer, extract } = passTraceHeaders();
    const of = (headers: Record<string, string>) =>
      tracer.startSpan('GET', {}, extract(headers)).spanContext().traceId;
    expect(of({ traceparent })).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(of({ traceparent: 'nonsense' })).toMatch(/^0+$/);
  });
});
