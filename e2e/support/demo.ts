// The running demo from outside: its load and its own counters, over HTTP.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MeshAnswer } from '@clover/model';
import type { ProductReady } from './product.ts';

/** One line of what the services say they answered. */
export interface OwnCount {
  readonly service: string;
  readonly version: string;
  readonly path: string;
  readonly status: string;
  readonly userAgent: string;
  readonly count: number;
}

export function demoOf(ready: ProductReady) {
  if (!ready.demo) throw new Error('the ready file names no demo');
  const { admin, front } = ready.demo;
  const put = async (instance: string, path: string, body = '') => {
    const response = await fetch(`${admin[instance]}${path}`, { method: 'PUT', body });
    if (!response.ok) throw new Error(`${instance}${path}: ${await response.text()}`);
  };
  return {
    front,
    setRate: (requestsPerSecond: number) => put('clients-v1-0', '/-/rate', `${requestsPerSecond}`),
    /** Stops the load; when it resolves every span of it was acknowledged. */
    async drain() {
      await put('clients-v1-0', '/-/rate', '0');
      const order = ['proxy', 'http-lb', 'clover-server', 'snort'];
      for (const prefix of order) {
        const instances = Object.keys(admin).filter((name) => name.startsWith(prefix));
        await Promise.all(instances.map((instance) => put(instance, '/-/flush')));
      }
      const mesh = (await (await fetch(`${ready.controller}/api/v1/mesh`)).json()) as MeshAnswer;
      if (mesh.metrics !== null) await allSpansSent(mesh.metrics);
    },
    async counters(): Promise<OwnCount[]> {
      const texts = await Promise.all(
        Object.values(admin).map(async (url) => (await fetch(`${url}/metrics`)).text()),
      );
      return texts.flatMap(parse);
    },
  };
}

/** Until the proxies have made no more spans for a while, and all of them were taken or counted as not. */
async function allSpansSent(metricsUrl: string): Promise<void> {
  for (let before = -1; ;) {
    const text = await (await fetch(metricsUrl)).text();
    const value = (name: string) =>
      Number(new RegExp(`^${name}\\{\\} (\\d+)$`, 'm').exec(text)![1]);
    const made = value('clover_proxy_spans_made_total');
    const done =
      value('envoy_tracing_opentelemetry_spans_sent') +
      value('clover_proxy_spans_rejected_total') +
      value('clover_proxy_spans_dropped_total');
    if (made === before && made === done) return;
    before = made;
    await sleep(400);
  }
}

/** Read apart from the demo's own reader, so that one mistake cannot hide in both. */
function parse(text: string): OwnCount[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('clover_demo_requests_total{'))
    .map((line) => {
      const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
      return {
        service: label('service'),
        version: label('version'),
        path: label('path'),
        status: label('status'),
        userAgent: label('user_agent'),
        count: Number(line.slice(line.lastIndexOf(' '))),
      };
    });
}

/** Sums of `count` by a key, as a plain object, so that two of them can be compared whole. */
export function sums<T extends { readonly count: number }>(
  items: readonly T[],
  key: (item: T) => string,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const item of items) found[key(item)] = (found[key(item)] ?? 0) + item.count;
  return found;
}
