// Spans as the proxies of the mesh would send them, for trying `verify` and `diff` without a mesh:
//   node record.mjs --split 70 --requests 2000 | cloverctl import -
// --split is the share of v1 that really happens, in percent. The same draws in every run.

import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    split: { type: 'string', default: '70' },
    requests: { type: 'string', default: '2000' },
    end: { type: 'string', default: String(Date.now()) },
  },
});
const [split, requests, end] = [values.split, values.requests, values.end].map(Number);
const LB = 'http-lb.default.svc.cluster.local';

// mulberry32
let state = 2018;
function draw() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const attribute = ([key, value]) => ({ key, value: { stringValue: String(value) } });

function span(trace, id, parent, kind, startMs, service, attributes) {
  const start = BigInt(Math.round(startMs * 1000)) * 1000n;
  return {
    service,
    span: {
      traceId: hex(trace, 32),
      spanId: hex(trace * 16 + id, 16),
      ...(parent === 0 ? {} : { parentSpanId: hex(trace * 16 + parent, 16) }),
      name: `${service}/*`,
      kind: kind === 'server' ? 2 : 3,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + 2_000_000n),
      attributes: Object.entries({ component: 'proxy', ...attributes }).map(attribute),
    },
  };
}

/** Gateway → proxy-access-control → http-lb v1 or v2, a tenth of it copied to snort-ids. */
function* chain(n) {
  const trace = 0xc10e_0000 + n;
  const startMs = end - 600_000 + n * (590_000 / requests);
  const agent = draw() < 0.3 ? 'chrome/130' : 'curl/8.5';
  const http = (url, cluster, status, flags = '-') => ({
    'http.method': 'GET',
    'http.url': url,
    'http.status_code': status,
    user_agent: agent,
    upstream_cluster: cluster,
    response_flags: flags,
  });
  const aborted = draw() < 0.05;
  const status = aborted ? 503 : 200;
  const version = draw() < split / 100 ? 'v1' : 'v2';
  const copied = draw() < 0.1;
  const node = (name) => ({
    node_id: `sidecar~127.0.0.1~${name}-1.default~default.svc.cluster.local`,
  });
  const front = 'http://www.sdc.com/';
  yield span(trace, 1, 0, 'server', startMs, 'istio-ingressgateway.istio-system', {
    node_id: 'router~127.0.0.1~gateway.istio-system~istio-system.svc.cluster.local',
    ...http(front, 'outbound|9180||proxy-access-control.default.svc.cluster.local', status),
  });
  yield span(trace, 2, 1, 'server', startMs + 0.1, 'proxy-access-control.default', {
    ...node('proxy-access-control'),
    ...http(front, 'inbound|9180||', status),
  });
  yield span(trace, 3, 2, 'client', startMs + 0.2, 'proxy-access-control.default', {
    ...node('proxy-access-control'),
    'istio.canonical_service': 'proxy-access-control',
    'istio.canonical_revision': 'v1',
    ...(aborted
      ? http('http://http-lb:9180/', '-', 503, 'FI')
      : http('http://http-lb:9180/', `outbound|9180|${version}|${LB}`, 200)),
  });
  if (aborted) return;
  yield span(trace, 4, 3, 'server', startMs + 0.3, 'http-lb.default', {
    ...node('http-lb'),
    'istio.canonical_revision': version,
    ...http('http://http-lb:9180/', 'inbound|9180||', 200),
  });
  if (copied)
    yield span(trace, 5, 3, 'server', startMs + 0.3, 'snort-ids.default', {
      ...node('snort-ids'),
      ...http('http://http-lb:9180/', 'inbound|9180||', 200),
    });
}

for (let n = 0; n < requests; n++) {
  const resourceSpans = [...chain(n)].map(({ service, span: one }) => ({
    resource: { attributes: [attribute(['service.name', service])] },
    scopeSpans: [{ scope: { name: 'envoy' }, spans: [one] }],
  }));
  process.stdout.write(`${JSON.stringify({ resourceSpans })}\n`);
}
