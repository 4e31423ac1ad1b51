// The numbers of Clover against the numbers that the services keep themselves. After the load has
// stopped and drained they must be equal, not near.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { demoOf, type OwnCount, sums } from './support/demo.ts';
import { type Product, startProduct } from './support/product.ts';

const since = '1h';
const limit = 1000;

describe('the demo’s numbers', () => {
  let product: Product;
  let own: OwnCount[];
  const lostWhileLive: string[] = [];
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    product = await startProduct({ args: ['--demo', '--demo-rate=120'] });
    const demo = demoOf(product.ready);
    client = createClient({ baseUrl: product.ready.controller });
    for (let second = 0; second < 10; second++) {
      await sleep(1000);
      const { items } = await client.lost({ since: '5m' });
      for (const { from, to, lost, unanswered } of items)
        if (lost + unanswered > 0) lostWhileLive.push(`${from} -> ${to}: ${lost} + ${unanswered}`);
    }
    await demo.drain();
    own = await demo.counters();
  });
  afterAll(() => product?.stop());

  const counted = async (by: string) => {
    const answer = await client.counts({ by, since, limit, side: 'server' });
    expect(answer.rest.groups).toBe(0);
    return sums(answer.items, (row) => row.values.join(' '));
  };

  it('agree per service, and with the services page', async () => {
    const expected = sums(own, (row) => row.service);
    expect(Object.keys(expected)).toHaveLength(8);
    expect(await counted('service')).toEqual(expected);
    const { items } = await client.services({ since });
    expect(
      sums(
        items.map(({ service, requests }) => ({ service, count: requests })),
        (row) => row.service,
      ),
    ).toEqual(expected);
  });

  it('agree per service and version', async () => {
    expect(await counted('service,version')).toEqual(
      sums(own, (row) => `${row.service} ${row.version}`),
    );
  });

  it('agree per service and status code', async () => {
    expect(await counted('service,statusCode')).toEqual(
      sums(own, (row) => `${row.service} ${row.status}`),
    );
  });

  it('agree per user agent', async () => {
    const front = own.filter((row) => row.service === 'proxy-access-control');
    const answer = await client.userAgents({ since, limit, service: 'proxy-access-control' });
    expect(sums(answer.items, (row) => row.values[0]!)).toEqual(
      sums(front, (row) => row.userAgent),
    );
  });

  it('agree per route of the servers', async () => {
    const servers = own.filter(
      (row) => row.service.startsWith('clover-server') && !row.path.startsWith('/favicon'),
    );
    const answer = await client.counts({
      by: 'service,route',
      since,
      limit,
      filter: ['service=~clover-server.*', 'route!='],
    });
    expect(sums(answer.items, (row) => row.values.join(' '))).toEqual(
      sums(servers, (row) => `${row.service} ${row.path}`),
    );
  });

  it('agree in errors: answers of 500 and above', async () => {
    const failed = sums(
      own.filter((row) => Number(row.status) >= 500),
      (row) => row.service,
    );
    const { items } = await client.services({ since });
    const seen = Object.fromEntries(
      items.filter(({ errors }) => errors > 0).map(({ service, errors }) => [service, errors]),
    );
    expect(seen).toEqual(failed);
  });

  it('give the service graph that the demo is, with as many requests on its edges', async () => {
    const { edges } = await client.graph({ since });
    const received = sums(
      edges.map((edge) => ({ ...edge, count: edge.requests })),
      (edge) => `${edge.from} -> ${edge.to}`,
    );
    const answered = (service: string) =>
      own.filter((row) => row.service === service).reduce((sum, row) => sum + row.count, 0);
    const expected: Record<string, number> = {
      'proxy-access-control -> http-lb': answered('http-lb'),
      'proxy-access-control -> snort-ids': answered('snort-ids'),
    };
    for (let number = 1; number <= 5; number++)
      expected[`http-lb -> clover-server${number}`] = answered(`clover-server${number}`);
    expect(received).toMatchObject(expected);
    const balancers = edges.find(({ to }) => to === 'http-lb')!;
    expect(
      sums(
        balancers.toVersions.map((v) => ({ ...v, count: v.requests })),
        (v) => v.version,
      ),
    ).toEqual(
      sums(
        own.filter((row) => row.service === 'http-lb'),
        (row) => row.version,
      ),
    );
  });

  it('never had requests lost that were only under way', () => {
    // The first restart of a server comes after a minute, so no request of this run was lost.
    expect(lostWhileLive).toEqual([]);
  });

  it('are complete: nothing was refused, no span is an orphan', async () => {
    const lost = await client.lost({ since });
    expect(lost.orphanSpans.count).toBe(0);
    expect(lost.refusedSpans.count).toBe(0);
  });
});
