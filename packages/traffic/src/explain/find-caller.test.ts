import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { readResources } from '../read/read-resources.ts';
import type { AskedRequest } from './asked-request.ts';
import { createCallerFinder } from './find-caller.ts';
import { findWorkloads } from './workloads.ts';

const text = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 8443, name: https, protocol: HTTPS}, hosts: ['*.shop.example'], tls: {mode: SIMPLE, credentialName: shop}}
  - {port: {number: 8080, name: http, protocol: HTTP}, hosts: ['infra/www.shop.example', '*.shop.example']}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: demo}
spec: {ports: [{port: 81, name: tcp-x}, {port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: front-1, namespace: demo}
spec: {address: 10.0.0.1, labels: {app: front, version: v1}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: batch, namespace: jobs}
spec: {template: {metadata: {labels: {app: batch, tier: back}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: shell, labels: {app: shell}}
`;
const file = { name: 'mesh.yaml', text };
const { resources } = readResources([file]);
const table = compile(resources);
const workloads = findWorkloads([file], resources);

const find = (
  asked: Partial<AskedRequest> & { host?: string },
  defaults: Parameters<typeof createCallerFinder>[3] = {},
) => {
  const { host = 'web.demo', ...rest } = asked;
  const finder = createCallerFinder(table, resources, workloads, defaults);
  return finder.find({ method: 'GET', path: '/', headers: { host }, whole: true, ...rest });
};

describe('who sends a request', () => {
  it('is a gateway when one serves the host and nothing is said, at its HTTP port', () => {
    expect(find({ host: 'WWW.shop.example:8080' })).toEqual({
      caller: { via: 'gateway', namespace: 'infra', labels: { istio: 'ingress' } },
      port: 8080,
      sni: undefined,
      note: undefined,
    });
    expect(find({ host: 'a.shop.example', port: 8443 }).port).toBe(8443);
    expect(find({ host: 'a.shop.example', scheme: 'https' })).toMatchObject({
      port: 8443,
      sni: 'a.shop.example',
    });
    expect(find({ host: 'a.shop.example', from: 'front' }).caller.via).toBe('sidecar');
  });

  it('is no gateway that takes every host, when a service of the mesh is asked for', () => {
    const open = readResources([
      {
        name: 'open.yaml',
        text: text.replace("hosts: ['infra/www.shop.example', '*.shop.example']", "hosts: ['*']"),
      },
    ]).resources;
    const finder = createCallerFinder(compile(open), open, workloads);
    const ask = (host: string, via?: 'gateway') =>
      finder.find({
        method: 'GET',
        path: '/',
        headers: { host },
        whole: true,
        ...(via && { via }),
      });
    expect(ask('web.demo').caller.via).toBe('sidecar');
    expect(ask('web.demo', 'gateway').caller.via).toBe('gateway');
    expect(ask('127.0.0.1:41234').caller.via).toBe('gateway');
    expect(ask('elsewhere.example').caller.via).toBe('gateway');
  });

  it('is a workload by its name, its app, its namespace, in files of any kind', () => {
    expect(find({ from: 'front-1' }).caller).toEqual({
      via: 'sidecar',
      namespace: 'demo',
      labels: { app: 'front', version: 'v1' },
    });
    expect(find({ from: 'front' }).caller.labels).toEqual({ app: 'front', version: 'v1' });
    expect(find({ from: 'jobs/batch' }).caller.labels).toEqual({ app: 'batch', tier: 'back' });
    expect(find({ from: 'batch.jobs' }).caller.namespace).toBe('jobs');
    expect(find({ from: 'shell' }).caller.labels).toEqual({ app: 'shell' });
  });

  it('is taken for granted aloud when nobody declares it', () => {
    expect(find({ from: 'nobody' })).toMatchObject({
      caller: { labels: { app: 'nobody' }, namespace: 'default' },
      note: expect.stringContaining('no workload nobody is declared'),
    });
    expect(find({ from: 'nobody', labels: { a: 'b' } }).note).toBeUndefined();
  });

  it('calls the port that the host names, or the first HTTP port of the service', () => {
    expect(find({ host: 'web.demo:81', from: 'front' }).port).toBe(81);
    expect(find({ host: 'web.demo.svc.cluster.local', from: 'front' }).port).toBe(80);
    expect(find({ host: 'web', from: 'front' }).port).toBe(80);
    expect(find({ host: 'else.example:9000', from: 'front' }).port).toBe(9000);
  });

  it('is one object for one caller, and defaults for sidecars are not for gateways', () => {
    const finder = createCallerFinder(table, resources, workloads, { labels: { app: 'x' } });
    const ask = (via: 'gateway' | 'sidecar', host: string) =>
      finder.find({ via, method: 'GET', path: '/', headers: { host }, whole: true }).caller;
    expect(ask('sidecar', 'a')).toBe(ask('sidecar', 'b'));
    const mine = { via: 'sidecar', labels: { app: 'x' } } as const;
    expect(find({ via: 'gateway', host: 'a.shop.example' }, mine).caller.labels).toEqual({
      istio: 'ingress',
    });
  });
});
