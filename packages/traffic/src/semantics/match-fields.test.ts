// Istio's routing semantics: what a match block asks. Each test bears the statement that it holds; the differential
// suite holds the same, in any mixture, to a running Istio.

import { describe, expect, it } from 'vitest';
import { takes } from '../../test/support/semantics.ts';

describe('match fields', () => {
  it('uri', () => {
    expect(takes('{uri: {exact: /a}}', '/a?q')).toBe(true);
    expect(takes('{uri: {exact: /a}}', '/a/')).toBe(false);
    expect(takes('{uri: {prefix: /api}}', '/apis')).toBe(true);
    expect(takes('{uri: {prefix: ""}}', '/x')).toBe(true);
    expect(takes('{uri: {regex: "/a[0-9]"}}', '/a1')).toBe(true);
    expect(takes('{uri: {regex: "/a[0-9]"}}', '/a1/x')).toBe(false);
  });
  it('ignoreUriCase', () => {
    expect(takes('{uri: {exact: /A}, ignoreUriCase: true}', '/a')).toBe(true);
    expect(takes('{uri: {prefix: /A}, ignoreUriCase: true}', '/ab')).toBe(true);
    expect(takes('{uri: {regex: "/A"}, ignoreUriCase: true}', '/a')).toBe(false);
  });
  it('headers', () => {
    const x = (x: string) => ({ headers: { x } });
    expect(takes('{headers: {X: {exact: "1"}}}', '/', x('1'))).toBe(true);
    expect(takes('{headers: {x: {exact: a}}}', '/', x('A'))).toBe(false);
    expect(takes('{headers: {x: {prefix: a}}}', '/', x('ab'))).toBe(true);
    expect(takes('{headers: {x: {}}}', '/', x(''))).toBe(true);
    expect(takes('{headers: {x: {regex: "*"}}}', '/', { ...x('z'), unchecked: true })).toBe(true);
    expect(takes('{headers: {x: {}}}')).toBe(false);
    expect(takes('{headers: {uri: {exact: nothing}}}')).toBe(true);
    expect(takes('{headers: {":method": {exact: GET}}}')).toBe(true);
  });
  it('withoutHeaders', () => {
    expect(takes('{withoutHeaders: {x: {regex: ".*"}}}')).toBe(false);
    expect(takes('{withoutHeaders: {x: {regex: "*"}}}', '/', { unchecked: true })).toBe(true);
    expect(takes('{withoutHeaders: {x: {}}}', '/', { headers: { x: '1' } })).toBe(false);
    expect(takes('{withoutHeaders: {x: {exact: "1"}}}', '/', { headers: { x: '2' } })).toBe(true);
  });
  it('queryParams', () => {
    expect(takes('{queryParams: {q: {exact: ""}}}', '/?q')).toBe(true);
    expect(takes('{queryParams: {q: {}}}', '/?q=1')).toBe(true);
    expect(takes('{queryParams: {q: {}}}', '/?r=1')).toBe(false);
    expect(takes('{queryParams: {q: {regex: "\\\\d+$"}}}', '/?q=123')).toBe(true);
    expect(takes('{queryParams: {q: {regex: "\\\\d+$"}}}', '/?q=a123')).toBe(false);
  });
  it('headers that come several times are matched with commas between', () => {
    expect(takes('{headers: {x: {exact: "a,b"}}}', '/', { headers: { x: 'a,b' } })).toBe(true);
    expect(takes('{headers: {x: {exact: a}}}', '/', { headers: { x: 'a,b' } })).toBe(false);
  });
  it('method is case-sensitive', () => {
    expect(takes('{method: {exact: GET}}')).toBe(true);
    expect(takes('{method: {exact: get}}')).toBe(false);
    expect(takes('{method: {regex: "GET|PUT"}}', '/', { method: 'PUT' })).toBe(true);
  });
  it('scheme', () => {
    expect(takes('{scheme: {exact: http}}')).toBe(true);
    expect(takes('{scheme: {exact: https}}')).toBe(false);
    expect(takes('{scheme: {exact: https}}', '/', { scheme: 'https' })).toBe(true);
  });
  it('authority', () => {
    expect(takes('{authority: {exact: a}}')).toBe(true);
    expect(takes('{authority: {exact: a}}', '/', { headers: { host: 'a:80' } })).toBe(false);
  });
  it('port is the listener’s, whatever the Host header says', () => {
    expect(takes('{port: 80}', '/', { headers: { host: 'a:99' } })).toBe(true);
    expect(takes('{port: 81}')).toBe(false);
  });
  it('sourceLabels', () => {
    expect(takes('{sourceLabels: {app: x}}')).toBe(true);
    expect(takes('{sourceLabels: {app: y}}')).toBe(false);
  });
  it('sourceNamespace', () => {
    expect(takes('{sourceNamespace: default}')).toBe(true);
    expect(takes('{sourceNamespace: other}')).toBe(false);
  });
  it('gateways: with them what is said about the source does not count', () => {
    expect(takes('{gateways: [gw]}')).toBe(false);
    expect(takes('{gateways: [mesh], sourceNamespace: other}')).toBe(true);
  });
});
