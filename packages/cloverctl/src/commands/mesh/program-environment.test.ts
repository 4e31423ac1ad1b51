import { expect, it } from 'vitest';
import { programEnvironment } from './program-environment.ts';

it('tells a program where its services are, as Kubernetes does', () => {
  expect(
    programEnvironment({
      name: 'proxy-0',
      namespace: 'default',
      ports: [{ port: 9180, targetPort: 19180, protocol: 'HTTP' }],
      listeners: {
        httpProxy: 'http://127.0.0.1:15001',
        outbound: [
          { host: 'http-lb.default.svc.cluster.local', port: 9180, address: '127.0.0.1:40001' },
          { host: 'http-lb.default.svc.cluster.local', port: 50054, address: '127.0.0.1:40002' },
          { host: 'db.shop.svc.cluster.local', port: 5432, address: '127.0.0.1:40003' },
        ],
        inbound: [],
      },
    }),
  ).toEqual({
    CLOVER_WORKLOAD: 'default/proxy-0',
    PORT: '19180',
    PORT_9180: '19180',
    HTTP_PROXY: 'http://127.0.0.1:15001',
    http_proxy: 'http://127.0.0.1:15001',
    HTTPS_PROXY: 'http://127.0.0.1:15001',
    https_proxy: 'http://127.0.0.1:15001',
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
    HTTP_LB_SERVICE_HOST: '127.0.0.1',
    HTTP_LB_SERVICE_PORT: '40001',
    HTTP_LB_SERVICE_PORT_9180: '40001',
    HTTP_LB_SERVICE_PORT_50054: '40002',
  });
});

it('says no more than the ports where there is no data plane', () => {
  expect(programEnvironment({ name: 'a', namespace: 'b', ports: [], listeners: null })).toEqual({
    CLOVER_WORKLOAD: 'b/a',
  });
});
