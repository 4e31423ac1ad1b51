import { expect, it } from 'vitest';
import { spanWords, traceWords } from './request-line.ts';

it('says the request of a span where it has one, else the name', () => {
  const name = 'proxy-access-control.default.svc.cluster.local:9180/*';
  const method = { 'http.request.method': 'GET' };
  expect(
    spanWords({ name, attributes: { ...method, 'url.full': 'http://www.sdc.com/catalog?page=2' } }),
  ).toBe('GET /catalog');
  expect(spanWords({ name, attributes: { ...method, 'url.path': '/a' } })).toBe('GET /a');
  expect(spanWords({ name, attributes: { ...method, 'url.full': 'no url' } })).toBe(name);
  expect(spanWords({ name: 'render', attributes: {} })).toBe('render');
});

it('says the request that began a trace, else the root’s name', () => {
  expect(traceWords({ rootMethod: 'GET', rootPath: '/', rootName: 'x' })).toBe('GET /');
  expect(traceWords({ rootMethod: '', rootPath: '/', rootName: 'x' })).toBe('x');
});
