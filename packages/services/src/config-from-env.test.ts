import { describe, expect, it } from 'vitest';
import { configFromEnv } from './config-from-env.ts';

describe('configFromEnv', () => {
  it("has the original's ports and paths by default", () => {
    expect(configFromEnv({ CLOVER_SERVICE: 'proxy-access-control' })).toMatchObject({
      role: 'proxy',
      port: 9180,
      proxyPath: 'http://http-lb:9180',
      mirrorPath: 'http://snort-ids:80',
    });
    expect(configFromEnv({ CLOVER_SERVICE: 'snort-ids' }).port).toBe(80);
  });

  it('reads lists and numbers', () => {
    expect(
      configFromEnv({ CLOVER_SERVICE: 'http-lb', SLB_LIST: 'http://a:1, http://b:2', PORT: '0' }),
    ).toMatchObject({ role: 'lb', port: 0, slbList: ['http://a:1', 'http://b:2'] });
    expect(configFromEnv({ CLOVER_SERVICE: 'clover-server4' })).toMatchObject({ role: 'server' });
  });

  it('names the variable at fault', () => {
    expect(() => configFromEnv({})).toThrow('CLOVER_SERVICE="" is none of');
    expect(() => configFromEnv({ CLOVER_SERVICE: 'http-lb', PORT: 'http' })).toThrow('PORT="http"');
  });
});
