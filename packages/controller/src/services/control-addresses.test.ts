import { describe, expect, it } from 'vitest';
import { controlTarget, readControlAddresses } from './control-addresses.ts';

const demo = {
  'http-lb-v1-0': '127.0.0.1:1',
  'http-lb-v2-0': '127.0.0.1:2',
  'clover-server1-v1-0': '127.0.0.1:3',
  'proxy-access-control-v1-0': '127.0.0.1:4',
};

describe('controlTarget', () => {
  it.each([
    ['http-lb-v1', 'http-lb-v1-0'],
    ['http-lb-v1.default', 'http-lb-v1-0'],
    ['http_lb_v2', 'http-lb-v2-0'],
    ['http-lb-v2-0', 'http-lb-v2-0'],
    ['clover-server1', 'clover-server1-v1-0'],
    ['proxy-access-control.default.svc.cluster.local', 'proxy-access-control-v1-0'],
  ])('%s is %s', (name, service) => {
    expect(controlTarget(demo, name).service).toBe(service);
  });

  it('asks back when a name means several, and helps when it means none', () => {
    expect(() => controlTarget(demo, 'http-lb')).toThrow('http-lb means http-lb-v1 and http-lb-v2');
    expect(() => controlTarget(demo, 'clover-server9')).toThrow(
      expect.objectContaining({
        code: 'services.unknown',
        hint: 'did you mean clover-server1-v1?',
      }),
    );
    expect(() => controlTarget({}, 'x')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--service-control') }),
    );
  });

  it('takes names of the setting as they stand', () => {
    const named = readControlAddresses(['http-lb-v1=10.0.0.7:50054']);
    expect(controlTarget(named, 'http-lb-v1.default')).toEqual({
      service: 'http-lb-v1',
      address: '10.0.0.7:50054',
    });
    expect(() => readControlAddresses(['http-lb'])).toThrow('is no NAME=HOST:PORT');
  });
});
