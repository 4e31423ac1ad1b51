import { describe, expect, test } from 'vitest';
import { attributeRule, protocolVersion, splitHostPort, splitTarget } from './attribute-names.ts';
import { nodeOfNodeId, parseUpstreamCluster } from './envoy.ts';
import { weightOfProbability, weightOfSampleRate, weightOfTraceState } from './sample-weight.ts';
import { urlParts } from './url.ts';
import { userAgentFamily } from './user-agent.ts';

describe('parseUpstreamCluster', () => {
  test.each([
    ['inbound|8080||', 'inbound', '', ''],
    ['inbound|8080||;', 'inbound', '', ''],
    ['inbound|9180|http|clover-server1.default.svc.cluster.local', 'inbound', '', ''],
    ['outbound|80|v2|web.demo.svc.cluster.local', 'outbound', 'v2', 'web.demo'],
    ['outbound|80||front.demo.svc.cluster.local;', 'outbound', '', 'front.demo'],
    ['outbound|443||api.example.org', 'outbound', '', 'api.example.org'],
    ['outbound_.80_.v2_.web.demo.svc.cluster.local', 'outbound', 'v2', 'web.demo'],
    ['outbound_.80_._.web.demo.svc.cluster.local', 'outbound', '', 'web.demo'],
    ['InboundPassthroughClusterIpv4', 'inbound', '', ''],
    ['PassthroughCluster', 'outbound', '', ''],
    ['service_one', 'none', '', 'service_one'],
    ['-', 'none', '', ''],
  ])('%s', (text, direction, subset, peer) => {
    expect(parseUpstreamCluster(text)).toEqual({ direction, subset, peer });
  });
});

test('a node id names its pod', () => {
  expect(nodeOfNodeId('sidecar~10.0.0.1~web-v1-75df.demo~demo.svc.cluster.local')).toBe(
    'web-v1-75df',
  );
  expect(nodeOfNodeId('router~10.0.0.1~gw.istio-system~x')).toBe('gw');
  expect(nodeOfNodeId('front-envoy')).toBe('front-envoy');
});

describe('sample weights', () => {
  test.each([
    ['', 1],
    ['a=b', 1],
    ['ot=th:0', 1],
    ['ot=th:8', 2],
    ['ot=th:c', 4],
    ['ot=rv:12345678901234;th:fd70a4', 1 / (1 - 0xfd70a4 / 2 ** 24)],
    ['x=1, ot=p:3;r:5', 8],
    ['ot=th:zz', 1],
    ['ot=th:ffffffffffffff', 2 ** 56],
    ['notot=th:8', 1],
  ])('tracestate %s -> %d', (traceState, weight) => {
    expect(weightOfTraceState(traceState)).toBeCloseTo(weight, 6);
  });

  test('from attributes, and 1 for nonsense', () => {
    expect(weightOfSampleRate('20')).toBe(20);
    expect(weightOfSampleRate('0')).toBe(1);
    expect(weightOfSampleRate('x')).toBe(1);
    expect(weightOfProbability('0.25')).toBe(4);
    expect(weightOfProbability('0')).toBe(1);
    expect(weightOfProbability('7')).toBe(1);
  });
});

test.each([
  ['http://shop.example/front/users/42?x=1', 'shop.example', '/front/users/42'],
  ['HTTPS://User:pw@Shop.Example:443/a#b', 'shop.example', '/a'],
  ['http://web:9180', 'web:9180', '/'],
  ['http://[::1]:80/x', '[::1]', '/x'],
  ['/only/path?q', '', '/only/path'],
  ['*', '', '*'],
  ['GET /', '', ''],
  ['', '', ''],
])('url %s -> %s %s', (text, host, path) => {
  expect(urlParts(text)).toEqual({ host, path });
});

test('names and values at the door', () => {
  expect(attributeRule('net.peer.name')).toMatchObject({
    server: 'client.address',
    client: 'server.address',
  });
  expect(attributeRule('constructor')).toMatchObject({
    server: 'constructor',
    client: 'constructor',
  });
  expect(protocolVersion('HTTP/1.1')).toBe('1.1');
  expect(protocolVersion('HTTP/2')).toBe('2');
  expect(protocolVersion('2.0')).toBe('2');
  expect(protocolVersion('1.0')).toBe('1.0');
  expect(protocolVersion('SPDY')).toBe('SPDY');
  expect(splitHostPort('10.0.0.1:8080')).toEqual({ host: '10.0.0.1', port: '8080' });
  expect(splitHostPort('[::1]:80')).toEqual({ host: '::1', port: '80' });
  expect(splitHostPort('fe80::1')).toEqual({ host: 'fe80::1', port: '' });
  expect(splitTarget('/a?b=c#d')).toEqual({ path: '/a', query: 'b=c' });
  expect(splitTarget('http://h/a')).toEqual({ path: '/a', query: '' });
});

test.each([
  ['', ''],
  ['curl/8.9', 'curl'],
  ['Wget/1.21.3', 'wget'],
  ['Go-http-client/1.1', 'Go-http-client'],
  ['python-requests/2.31.0', 'python-requests'],
  ['okhttp/4.12.0', 'okhttp'],
  ['Java/17.0.2', 'Java'],
  ['Apache-HttpClient/4.5.13 (Java/11.0.2)', 'Apache-HttpClient'],
  ['kube-probe/1.29', 'kube-probe'],
  ['Prometheus/2.42.0', 'Prometheus'],
  ['chrome/129', 'Chrome'],
  ['chrome', 'Chrome'],
  ['Mozilla/5.0 (X11; Linux x86_64) Firefox/131', 'Firefox'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'Chrome',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0',
    'Edge',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
    'Safari',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1',
    'Chrome',
  ],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot'],
  ['asafaweb.com', 'asafaweb.com'],
  ['my-client/1.2', 'my-client'],
  ['Mozilla/5.0', 'other'],
])('user agent %s is of the family %s', (text, family) => {
  expect(userAgentFamily(text)).toBe(family);
});
