// What the tests of answers ask about: a shop with known figures, some of its spans delivered twice.

import { parseFilter, type Scope } from '@clover/model';
import { isServer } from './reference.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import type { TestSpan } from './test-spans.ts';

export const T = Date.UTC(2026, 2, 3, 12);
export const MINUTE = 60_000;
export const scope: Scope = { startMs: T, endMs: T + 10 * MINUTE, filters: [] };
export const where = (...filters: string[]): Scope => ({
  ...scope,
  filters: filters.map(parseFilter),
});

/** 300 requests over ten minutes: web calls shop, shop calls db; two versions, three agents, some fail. */
function shopSpans(): TestSpan[] {
  return Array.from({ length: 300 }, (_, i): TestSpan[] => {
    const trace = `shop-${i}`;
    const startMs = T + i * 2000;
    const version = i % 4 === 0 ? 'v2' : 'v1';
    const fails = version === 'v2' && i % 8 === 0;
    const slow = i % 50 === 7;
    const shopNs = slow ? 900e6 : (20 + (i % 10)) * 1e6;
    const http = {
      httpMethod: 'GET',
      urlHost: 'shop',
      urlTemplate: i % 3 === 0 ? '/cart' : `/item/{id}`,
      userAgent: `agent/${i % 3}`,
      userAgentFamily: 'agent',
    };
    const attributes = {
      'http.request.method': 'GET',
      'tenant.id': `t${i % 5}`,
      'cart.size': `${i % 12}`,
      'request.id': `${i}-${i * 31}`,
      ...(slow ? { 'cache.hit': 'false' } : { 'cache.hit': 'true' }),
    };
    const code = fails ? 503 : i % 30 === 1 ? 404 : 200;
    const status = fails ? 'error' : 'unset';
    return [
      {
        trace,
        id: 'c',
        startMs,
        durationNs: shopNs + 2e6,
        kind: 'client',
        service: 'web',
        httpStatus: code,
        status,
        protocol: 'http',
        columns: { name: 'GET', peer: 'shop', ...http },
        attributes: { 'tenant.id': `t${i % 5}` },
        resource: { 'cloud.region': 'eu' },
      },
      {
        trace,
        id: 's',
        parent: 'c',
        startMs: startMs + 1,
        durationNs: shopNs,
        kind: 'server',
        service: 'shop',
        httpStatus: code,
        status,
        protocol: 'http',
        columns: {
          name: i % 3 === 0 ? 'GET /cart' : 'GET /item/{id}',
          version,
          node: `pod-${i % 2}`,
          statusMessage: fails ? `order ${i} not found for 'user${i}'` : '',
          exceptionType: fails ? 'NotFound' : '',
          ...http,
        },
        attributes,
        resource: { 'cloud.region': i % 2 === 0 ? 'eu' : 'us' },
      },
      {
        trace,
        id: 'q',
        parent: 's',
        startMs: startMs + 5,
        durationNs: shopNs - 10e6,
        kind: 'client',
        service: 'shop',
        protocol: 'db',
        columns: { name: 'SELECT', version, peer: 'postgres' },
      },
    ];
  }).flat();
}

export const spans = shopSpans();
export const served = spans.filter(isServer);
/** Spans that are delivered again. */
export const repeated = spans.filter((_, i) => i % 7 === 0);

export async function openShop(): Promise<TestStore> {
  const store = await openTestStore();
  await store.insert(spans);
  await store.insert(repeated);
  return store;
}
