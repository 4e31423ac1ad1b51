// A small system whose figures can be counted by hand: web calls shop; one call in
// four fails.

const START = Date.parse('2026-03-01T12:00:00Z');
export const RANGE = ['--start', '2026-03-01T12:00:00Z', '--end', '2026-03-01T12:10:00Z'];

const span = (
  startMs: number,
  service: string,
  trace: number,
  id: number,
  parent: number,
  fields: { name: string; kind: number; atMs: number; ms: number; status?: number; error?: string },
) => ({
  resource: { attributes: [text('service.name', service), text('service.version', 'v1')] },
  scopeSpans: [
    {
      spans: [
        {
          traceId: trace.toString(16).padStart(32, '0'),
          spanId: (trace * 16 + id).toString(16).padStart(16, '0'),
          ...(parent === 0
            ? {}
            : { parentSpanId: (trace * 16 + parent).toString(16).padStart(16, '0') }),
          name: fields.name,
          kind: fields.kind,
          startTimeUnixNano: `${startMs + fields.atMs}000000`,
          endTimeUnixNano: `${startMs + fields.atMs + fields.ms}000000`,
          attributes: [
            text('http.request.method', 'GET'),
            text('url.full', 'http://shop/items/7'),
            text('user_agent.original', 'curl/8.0'),
            ...(fields.status
              ? [{ key: 'http.response.status_code', value: { intValue: `${fields.status}` } }]
              : []),
          ],
          status: fields.error ? { code: 2, message: fields.error } : {},
        },
      ],
    },
  ],
});

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** Four traces from `startMs` on, as one OTLP JSON document. */
export function shopSpans(startMs = START): string {
  const resourceSpans = [1, 2, 3, 4].flatMap((trace) => {
    const atMs = trace * 1000;
    const fails = trace === 4;
    const status = fails ? 503 : 200;
    const error = fails ? { error: 'pool exhausted' } : {};
    return [
      span(startMs, 'web', trace, 1, 0, {
        name: 'GET /',
        kind: 2,
        atMs,
        ms: 100,
        status,
        ...error,
      }),
      span(startMs, 'web', trace, 2, 1, {
        name: 'GET',
        kind: 3,
        atMs: atMs + 10,
        ms: 80,
        status,
        ...error,
      }),
      span(startMs, 'shop', trace, 3, 2, {
        name: 'GET /items/{id}',
        kind: 2,
        atMs: atMs + 20,
        ms: 60,
        status,
        ...error,
      }),
    ];
  });
  return JSON.stringify({ resourceSpans });
}
