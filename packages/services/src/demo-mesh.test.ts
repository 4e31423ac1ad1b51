import { describe, expect, it } from 'vitest';
import { meshEndpoints } from './demo-mesh.ts';

describe('meshEndpoints', () => {
  it('has every name that a program may call a service by, and leaves port 80 out', () => {
    const table = meshEndpoints(
      [
        { host: 'http-lb.default.svc.cluster.local', port: 9180, address: '127.77.1.1:9180' },
        { host: 'snort-ids.security.svc.cluster.local', port: 80, address: '127.77.1.1:80' },
        { host: 'prices.example.com', port: 80, address: '127.77.1.1:80' },
      ],
      'default',
    );
    const lb = [{ host: '127.77.1.1', port: 9180, weight: 1 }];
    const web = [{ host: '127.77.1.1', port: 80, weight: 1 }];
    expect(table).toEqual({
      'http-lb:9180': lb,
      'http-lb.default:9180': lb,
      'http-lb.default.svc:9180': lb,
      'http-lb.default.svc.cluster.local:9180': lb,
      'snort-ids.security': web,
      'snort-ids.security.svc': web,
      'snort-ids.security.svc.cluster.local': web,
      'prices.example.com': web,
    });
  });
});
