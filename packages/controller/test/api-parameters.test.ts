// Whatever stands in the query: an answer, or a problem that says what is wrong; never a failure.

import fc from 'fast-check';
import type { Problem } from '@clover/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../src/app.ts';
import { createRefusals, jaegerTraceToSpans } from '@clover/collector';
import { readFileSync } from 'node:fs';
import { type RealApp, startRealApp } from './support/real-app.ts';

const GETS = ENDPOINTS.filter((one) => one.method === 'GET' && !one.path.includes(':'));
const recording = JSON.parse(
  readFileSync(new URL('fixtures/istio-zipkin.json', import.meta.url), 'utf8'),
) as { data: unknown[] };

describe('query parameters', () => {
  let real: RealApp;
  beforeAll(async () => {
    real = await startRealApp();
    await real.write(
      recording.data.flatMap((trace) => jaegerTraceToSpans(trace, '', createRefusals())),
    );
  });
  afterAll(() => real?.close());

  it('that are not known are refused with the nearest one', async () => {
    const response = await real.app.inject('/api/v1/services?sinc=1h');
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json<Problem>()).toMatchObject({
      code: 'api.unknown_parameter',
      hint: 'did you mean since?',
      issues: [{ at: 'sinc' }],
    });
  });

  it.each([
    ['/services?since=soon', 'time.bad_duration'],
    ['/services?start=yesterday', /^time\./],
    ['/services?start=now&end=now-1h', /^time\./],
    ['/services?filter=nonsense', 'filter.bad_filter'],
    ['/services?filter=duration>fast', 'filter.not_a_number'],
    ['/services?filter=url=~(', 'filter.bad_regex'],
    ['/counts?by=a,b,c', 'counts.bad_keys'],
    ['/counts?limit=0', 'api.bad_parameter'],
    ['/counts?limit=1e9', 'api.bad_parameter'],
    ['/traces?cursor=x', 'traces.bad_cursor'],
    ['/traces?minDuration=long', /^time\./],
    ['/traces/xyz', 'api.bad_trace_id'],
    ['/metrics/series', 'api.bad_parameter'],
  ])('%s is refused as %s', async (path, code) => {
    const response = await real.app.inject(`/api/v1${path}`);
    const problem = response.json<Problem>();
    expect({ status: response.statusCode, problem }).toMatchObject({
      status: 400,
      problem: { code: expect.stringMatching(code), status: 400 },
    });
  });

  it('of any kind never make it fail', async () => {
    const times = fc.oneof(
      fc.constantFrom('now', 'now-15m', '0', '-1', '1e400', '2026-11-23', 'NaN', '9'.repeat(30)),
      fc.string({ maxLength: 12 }),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    const key = fc.oneof(
      fc.constantFrom('service', 'url', 'duration', 'http.method', 'nothing', 'status', 'traceId'),
      fc.string({ maxLength: 8 }),
    );
    const filter = fc
      .tuple(
        key,
        fc.constantFrom('=', '!=', '=~', '!~', '>', '<', '>=', '<=', '', '=='),
        fc.oneof(
          fc.constantFrom('1', '250ms', '(', '[a', '\\1', "'; DROP TABLE spans --", '{p0:String}'),
          fc.string({ maxLength: 10, unit: 'binary' }),
        ),
      )
      .map((parts) => parts.join(''));
    const value = fc.oneof(
      times,
      filter,
      fc.constantFrom('service', 'url', 'service,url', 'none', 'edge', 'server', 'all', '5', ''),
    );
    const names = [
      ...new Set(GETS.flatMap((one) => Object.keys(one.query?.shape ?? {}))),
      'nonsense',
    ];
    const question = fc.record({
      endpoint: fc.constantFrom(...GETS),
      own: fc.boolean(),
      parameters: fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(question, async ({ endpoint, own, parameters }) => {
        const known = Object.keys(endpoint.query?.shape ?? {});
        const query = new URLSearchParams(
          own ? parameters.filter(([name]) => known.includes(name)) : parameters,
        );
        const response = await real.app.inject(`/api/v1${endpoint.path}?${query.toString()}`);
        if (response.statusCode >= 500)
          throw new Error(`${endpoint.path}?${query.toString()}: ${response.body}`);
        if (response.statusCode !== 200)
          expect(response.headers['content-type']).toContain('application/problem+json');
      }),
      { numRuns: 250 },
    );
  }, 120_000);

  it('of any kind never make the API of Jaeger fail', async () => {
    const value = fc.oneof(
      fc.constantFrom('front.demo', '0', '-1', '{"a":1}', '[]', 'null', '{"error":"true"}', '1h'),
      fc.constantFrom('9'.repeat(17), '1.5ms', '1h1h', '2026-01-01T00:00:00Z', 'a:b', ''),
      fc.string({ maxLength: 12, unit: 'binary' }),
    );
    const legacy = ['service', 'operation', 'tags', 'tag', 'start', 'end', 'minDuration', 'limit'];
    const v3 = ['service_name', 'start_time_min', 'start_time_max', 'attributes', 'num_traces'];
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.tuple(fc.nat({ max: 7 }), value), { maxLength: 5 }),
        async (isLegacy, pairs) => {
          const query = new URLSearchParams(
            pairs.map(([i, text]) => [isLegacy ? legacy[i]! : `query.${v3[i % v3.length]!}`, text]),
          );
          const url = `${isLegacy ? '/api/traces' : '/api/v3/traces'}?${query.toString()}`;
          const response = await real.app.inject(url);
          if (response.statusCode >= 500) throw new Error(`${url}: ${response.body}`);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('in bodies are refused with a pointer to the fault', async () => {
    const post = (url: string, payload: unknown) =>
      real.app.inject({
        method: 'POST',
        url: `/api/v1/visibility/${url}`,
        headers: { 'content-type': 'application/json' },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      });
    expect((await post('set', { services: [{ nam: 'x' }] })).json<Problem>()).toMatchObject({
      status: 400,
      code: 'api.bad_body',
      issues: expect.arrayContaining([
        expect.objectContaining({ at: expect.stringMatching(/^\/services\/0/) }),
      ]),
    });
    expect((await post('start', { sample_interval: 'x' })).statusCode).toBe(400);
    expect((await post('start', '{')).statusCode).toBe(400);
    expect((await post('start', {})).json<Problem>().code).toBe('visibility.nothing_to_pull');
    const large = await post('set', { services: [{ name: 'x'.repeat(2 << 20) }] });
    expect(large.statusCode).toBe(413);
    expect(large.headers['content-type']).toContain('application/problem+json');
  });

  it('nothing is served where nothing is', async () => {
    for (const url of ['/api/v1/none', '/api/none', '/api/v1/traces/1/2']) {
      const response = await real.app.inject(url);
      expect({ url, status: response.statusCode }).toEqual({ url, status: 404 });
      expect(response.json<Problem>().code).toBe('api.not_found');
    }
  });
});
