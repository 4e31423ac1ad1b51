import { readResources } from '@clover/traffic';
import { expect, it } from 'vitest';
import { meantService } from './meant-service.ts';

const { resources } = readResources([
  {
    name: 'a.yaml',
    text: `apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside}
spec: {hosts: ['*.example.com'], ports: [{number: 80, name: http, protocol: HTTP}]}
`,
  },
]);
const meant = (service: string, namespace = 'default') =>
  meantService({ service, namespace }, resources);

it('takes a service by its name, and as spans and metrics name it', () => {
  const httpLb = { service: 'http-lb', namespace: 'default' };
  expect(meant('http-lb')).toEqual(httpLb);
  expect(meant('http-lb.default', 'shop')).toEqual(httpLb);
  expect(meant('http-lb.default.svc.cluster.local')).toEqual(httpLb);
  expect(meant('prices.example.com').service).toBe('prices.example.com');
});

it('refuses a name that nobody has, with the nearest', () => {
  for (const name of ['http-lp', 'http-lb.shop'])
    expect(() => meant(name)).toThrow(
      expect.objectContaining({ code: 'traffic.no_such_service', status: 404 }),
    );
  expect(() => meant('http-lp')).toThrow(
    expect.objectContaining({ hint: 'did you mean http-lb?' }),
  );
});
