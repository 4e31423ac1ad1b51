import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestRecord, workload } from '../../../test/support/request-record.ts';
import { compileFormat, compileJsonFormat } from './compile-format.ts';
import { ENVOY_TEXT_FORMAT, ISTIO_JSON_FORMAT, ISTIO_TEXT_FORMAT } from './access-log-formats.ts';
import { createTimeFormatter } from './start-time.ts';

const headers = {
  request: (name: string) => (name === 'x-team' ? 'blue "crew"' : undefined),
  response: (name: string) => (name === 'content-type' ? 'text/html' : undefined),
  trailer: (name: string) => (name === 'x-sum' ? '42' : undefined),
};

function line(format: string, changes: Parameters<typeof requestRecord>[0] = {}): string {
  return compileFormat(format)(requestRecord(changes), headers);
}

describe('the well-known formats', () => {
  it('Envoy’s default', () => {
    expect(line(ENVOY_TEXT_FORMAT)).toBe(
      '[2026-11-23T01:58:31.900Z] "GET /front?x=1 HTTP/1.1" 200 - 0 34 2 1 "-" "chrome/129" ' +
        '"b92b662b-478b-9c70-b65f-c131126a973e" "http-lb:9180" "127.0.0.5:19180"\n',
    );
  });

  it('Istio’s text', () => {
    expect(line(ISTIO_TEXT_FORMAT)).toBe(
      '[2026-11-23T01:58:31.900Z] "GET /front?x=1 HTTP/1.1" 200 - via_upstream - "-" 0 34 2 1 "-" "chrome/129" ' +
        '"b92b662b-478b-9c70-b65f-c131126a973e" "http-lb:9180" "127.0.0.5:19180" ' +
        'outbound|9180|v2|http-lb.default.svc.cluster.local 127.0.0.1:57982 127.0.0.2:9180 127.0.0.1:56954 - -\n',
    );
  });

  it('Istio’s JSON, with numbers as numbers and null for what is not there', () => {
    const text = compileJsonFormat(ISTIO_JSON_FORMAT)(
      requestRecord({
        endpoint: undefined,
        upstreamServiceTimeMs: -1,
        responseFlags: 'UH',
        status: 503,
      }),
    );
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toMatchObject({
      authority: 'http-lb:9180',
      bytes_sent: 34,
      duration: 2,
      response_code: 503,
      response_flags: 'UH',
      start_time: '2026-11-23T01:58:31.900Z',
      upstream_host: null,
      upstream_service_time: null,
      x_forwarded_for: null,
    });
    expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(ISTIO_JSON_FORMAT));
  });
});

describe('operators', () => {
  it('take an alternative and a length', () => {
    expect(line('%REQ(X-TEAM)%|%REQ(X-NONE?X-TEAM):4%|%REQ(X-NONE)%')).toBe('blue "crew"|blue|-');
    expect(line('%RESP(Content-Type)% %TRAILER(X-SUM)%')).toBe('text/html 42');
  });

  it('tell the path as sent from the path as rewritten', () => {
    const rewritten = { path: '/a', upstreamPath: '/b' };
    expect(line('%REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-PATH)%', rewritten)).toBe('/b /a');
    expect(line('%REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-PATH)%')).toBe('/front?x=1 -');
  });

  it('tell addresses with and without their port', () => {
    expect(
      line(
        '%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT% %UPSTREAM_REMOTE_PORT%',
        { downstreamRemote: '[::1]:99' },
      ),
    ).toBe('[::1]:99 ::1 9180 19180');
  });

  it('name flags, gRPC statuses and peers', () => {
    const peer = {
      service: 'a',
      namespace: 'default',
      revision: 'v1',
      principal: 'cluster.local/ns/a/sa/b',
    };
    expect(
      line('%RESPONSE_FLAGS_LONG% %GRPC_STATUS% %GRPC_STATUS_NUMBER% %DOWNSTREAM_PEER_URI_SAN%', {
        responseFlags: 'UF,URX',
        grpcStatus: 14,
        peer,
      }),
    ).toBe(
      'UpstreamConnectionFailure,UpstreamRetryLimitExceeded Unavailable 14 spiffe://cluster.local/ns/a/sa/b',
    );
  });

  it('print percent signs and leave header values empty where a log has a dash', () => {
    expect(line('100%% %PROTOCOL%')).toBe('100% HTTP/1.1');
    expect(compileFormat('a%ROUTE_NAME%b', { missing: '' })(requestRecord())).toBe('ab');
    expect(compileFormat('plain %%')(requestRecord())).toBe('plain %');
  });

  it('say whether headers are needed', () => {
    expect(compileFormat(ISTIO_TEXT_FORMAT).needsHeaders).toBe(false);
    expect(compileFormat('%REQ(X-A)%').needsHeaders).toBe(true);
    expect(compileJsonFormat({ a: { b: '%RESP(X-A)% text' } }).needsHeaders).toBe(true);
  });

  it('are refused when unknown or malformed, with what was meant', () => {
    expect(() => compileFormat('%RESPONSE_CODES%')).toThrow(
      expect.objectContaining({ code: 'proxy.bad_format', hint: 'did you mean RESPONSE_CODE?' }),
    );
    for (const wrong of ['%', '%REQ(:PATH', '%REQ()%', '%REQ(A?B?C)%', '%PROTOCOL(x)%', '50% off'])
      expect(() => compileFormat(wrong)).toThrow(
        expect.objectContaining({ code: 'proxy.bad_format' }),
      );
    expect(() => compileFormat('%START_TIME(%Q)%')).toThrow();
  });

  it('take an operator’s own JSON with nested objects and mixed text', () => {
    const log = compileJsonFormat({
      who: { team: '%REQ(X-TEAM)%', kind: 'grün' },
      what: '%REQ(:METHOD)% %RESPONSE_CODE%',
      n: 3,
    });
    const text = log(requestRecord(), headers);
    expect(JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))).toEqual({
      n: 3,
      what: 'GET 200',
      who: { kind: 'grün', team: 'blue "crew"' },
    });
  });

  it('give valid JSON in UTF-8 for whatever bytes a client sends', () => {
    const log = compileJsonFormat({ agent: '%REQ(USER-AGENT)%' });
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, (agent) => {
        const text = log(requestRecord({ userAgent: Buffer.from(agent).toString('latin1') }));
        const utf8 = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
        expect(JSON.parse(utf8)).toHaveProperty('agent');
      }),
    );
  });
});

describe('START_TIME', () => {
  it('counts on within a second and over its end', () => {
    const format = compileFormat('%START_TIME%');
    const at = (ms: number) => format(requestRecord({ startUnixMs: ms, workload: workload('a') }));
    fc.assert(
      fc.property(fc.nat(4_000_000_000), fc.nat(999), (seconds, ms) => {
        expect(at(seconds * 1000 + ms)).toBe(new Date(seconds * 1000 + ms).toISOString());
      }),
    );
  });

  it('takes strftime’s letters', () => {
    const ms = Date.UTC(2026, 2, 5, 15, 4, 9, 7) + 0.5;
    const of = (pattern: string) => createTimeFormatter(pattern)?.(ms);
    expect(of('%Y/%m/%dT%H:%M:%S%z %s')).toBe('2026/03/05T15:04:09+0000 1772723049');
    expect(of('%E3S %3f %f %j %a %b %I%p %e')).toBe('09.007 007 007500000 064 Thu Mar 03PM  5');
    expect(of('100%%')).toBe('100%');
    expect(of('%Q')).toBeUndefined();
  });
});
