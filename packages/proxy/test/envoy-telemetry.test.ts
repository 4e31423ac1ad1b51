// The same requests told by a real Envoy and by Clover: log lines and counters must be the same text.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort, hasParts, titleWith, waitFor } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../src/request-record.ts';
import { compileFormat, compileJsonFormat } from '../src/telemetry/format/compile-format.ts';
import {
  ENVOY_TEXT_FORMAT,
  ISTIO_JSON_FORMAT,
} from '../src/telemetry/format/access-log-formats.ts';
import { createTelemetry } from '../src/telemetry/telemetry.ts';
import { startEnvoy, type RunningEnvoy } from './support/envoy.ts';
import { cluster, endpoint, requestRecord, workload } from './support/request-record.ts';

/** What a log line is made of, and the parts that only this test needs. */
const FORMAT = {
  ...ISTIO_JSON_FORMAT,
  attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  flags_long: '%RESPONSE_FLAGS_LONG%',
  seconds: '%START_TIME(%Y/%m/%d %H:%M:%S)%',
  remote_port: '%DOWNSTREAM_REMOTE_PORT%',
  local_ip: '%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%',
  own_path: '%REQ(:PATH)%',
  cut: '%REQ(:PATH):4% of %REQ(X-NONE?:METHOD)% 100%%',
  nested: { z: '%RESPONSE_CODE%', a: 'text' },
} as const;

const REQUESTS: readonly { path: string; method?: string; body?: string }[] = [
  { path: '/ok/a?x=1' },
  { path: '/ok/b', method: 'POST', body: 'hello' },
  { path: '/rewritten/c?y=2' },
  { path: '/missing/d' },
  { path: '/refused/e' },
  { path: '/empty/f' },
  { path: '/direct' },
  { path: '/redirect' },
  { path: '/nowhere' },
];

describe.skipIf(!hasParts('envoy'))(titleWith('beside a real Envoy', 'envoy'), () => {
  let upstream: http.Server;
  let envoy: RunningEnvoy;
  let texts: string[];
  let jsons: string[];
  let records: RequestRecord[];
  let envoyMetrics: Map<string, number>;
  let envoyTypes: Map<string, string>;

  beforeAll(async () => {
    upstream = http.createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(request.url?.startsWith('/missing') ? 404 : 200).end('some text');
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    envoy = await startEnvoy({
      routes: {
        '/ok': { port },
        '/rewritten': { port, route: { prefix_rewrite: '/new' } },
        '/missing': { port },
        '/refused': { port: await freePort() },
        '/empty': {},
      },
      actions: [
        { match: { prefix: '/direct' }, direct_response: { status: 418 } },
        { match: { prefix: '/redirect' }, redirect: { path_redirect: '/elsewhere' } },
      ],
      jsonFormat: FORMAT,
    });
    for (const { path, method = 'GET', body } of REQUESTS)
      await send(envoy.port, path, method, body);
    texts = await envoy.textLog(REQUESTS.length);
    jsons = await envoy.jsonLog(REQUESTS.length);
    records = jsons.map((line) => recordOf(JSON.parse(line) as LogLine));
    // Histograms are merged now and then.
    const text = await waitFor('all requests in the histogram', async () => {
      const now = await envoy.prometheus();
      return /^envoy_http_downstream_rq_time_count\{.*outbound.*\} 9$/m.test(now) && now;
    });
    envoyMetrics = samplesOf(text);
    envoyTypes = new Map(
      text.split('\n').flatMap((line) => {
        const match = /^# TYPE (\S+) (\S+)/.exec(line);
        return match ? [[match[1]!, match[2]!]] : [];
      }),
    );
  });
  afterAll(async () => {
    await envoy?.stop();
    upstream?.close();
  });

  it('writes the default access log line to the letter', () => {
    const line = compileFormat(ENVOY_TEXT_FORMAT);
    expect(records.map((record) => line(record))).toEqual(texts.map((text) => `${text}\n`));
  });

  it('writes JSON logs to the letter: order, numbers, null', () => {
    const line = compileJsonFormat(FORMAT);
    expect(records.map((record) => line(record))).toEqual(jsons.map((text) => `${text}\n`));
  });

  it('counts the same requests under the same names, labels and types', () => {
    const telemetry = createTelemetry({ clusterNames: 'tagged' });
    for (const record of records) telemetry.record(record);
    const text = [...telemetry.prometheus()].join('');
    const compared = [...samplesOf(text)].filter(([name]) => isOfRequests(name));
    expect(compared.length).toBeGreaterThan(60);
    const differences = compared.flatMap(([name, value]) => {
      const theirs = envoyMetrics.get(name);
      return theirs === value ? [] : [`${name}: ours ${value}, Envoy ${theirs}`];
    });
    expect(differences).toEqual([]);
    for (const [, name, type] of text.matchAll(/^# TYPE (envoy_(?:cluster|http)\S+) (\S+)/gm))
      // Of filters that this Envoy has not.
      if (!/fault_|ext_authz_/.test(name!))
        expect([name, envoyTypes.get(name!)]).toEqual([name, type]);
  });

  it('says all that Envoy says about the requests of a cluster', () => {
    const telemetry = createTelemetry({ clusterNames: 'tagged' });
    for (const record of records) telemetry.record(record);
    const ours = samplesOf([...telemetry.prometheus()].join(''));
    const said = [...envoyMetrics].filter(
      ([name, value]) =>
        value > 0 &&
        /^envoy_(cluster_upstream_rq|http_downstream_rq)/.test(name) &&
        !/_bucket|_sum|admin|per_cx|pending_total/.test(name),
    );
    expect(said.length).toBeGreaterThan(20);
    expect(said.filter(([name]) => !ours.has(name)).map(([name]) => name)).toEqual([]);
  });
});

interface LogLine {
  start_time: string;
  method: string;
  path: string;
  own_path: string;
  protocol: 'HTTP/1.1';
  response_code: number;
  response_code_details: string | null;
  response_flags: string;
  bytes_received: number;
  bytes_sent: number;
  duration: number;
  upstream_service_time: string | null;
  user_agent: string;
  request_id: string;
  authority: string;
  upstream_host: string | null;
  upstream_cluster: string | null;
  upstream_local_address: string | null;
  downstream_local_address: string;
  downstream_remote_address: string;
  attempts: number;
}

/** The request as Clover's exchange would have filled it in. */
function recordOf(line: LogLine): RequestRecord {
  const [address = '', port = ''] = (line.upstream_host ?? '').split(':');
  return requestRecord({
    workload: workload('client'),
    startUnixMs: Date.parse(line.start_time),
    durationMs: line.duration,
    method: line.method,
    path: line.path,
    upstreamPath: line.own_path,
    authority: line.authority,
    protocol: line.protocol,
    status: line.response_code,
    responseFlags: line.response_flags === '-' ? '' : line.response_flags,
    responseCodeDetails: line.response_code_details ?? '',
    bytesReceived: line.bytes_received,
    bytesSent: line.bytes_sent,
    userAgent: line.user_agent,
    requestId: line.request_id,
    cluster: line.upstream_cluster === null ? undefined : cluster(line.upstream_cluster),
    endpoint: line.upstream_host === null ? undefined : endpoint(address, Number(port), {}),
    attempts: line.attempts,
    upstreamServiceTimeMs:
      line.upstream_service_time === null ? -1 : Number(line.upstream_service_time),
    upstreamLocal: line.upstream_local_address ?? '',
    downstreamLocal: line.downstream_local_address,
    downstreamRemote: line.downstream_remote_address,
  });
}

/** Counters that a request's record decides; connections are the pool's to tell, times differ by nature. */
function isOfRequests(name: string): boolean {
  return (
    /^envoy_(cluster_upstream_rq|http_downstream_rq|cluster_upstream_cx_none_healthy)/.test(name) &&
    !/_bucket|_sum|_active|pending_total/.test(name)
  );
}

/** By `name{labels in order}`. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z_A-Z0-9]+)\{(.*)\} (\S+)$/.exec(line);
    if (match)
      samples.set(`${match[1]}{${match[2]!.split(',').toSorted().join(',')}}`, Number(match[3]));
  }
  return samples;
}

function send(port: number, path: string, method: string, body = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'tester/1 "quoted"', connection: 'close' };
    const request = http.request({ port, path, method, headers }, (response) => {
      response.resume().on('end', resolve);
    });
    request.on('error', reject).end(body);
  });
}
