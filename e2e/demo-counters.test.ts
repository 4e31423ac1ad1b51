// The numbers of Clover against the numbers that the services keep themselves. After the load has
// stopped and drained they must be equal, not near: in the mesh, where proxies report each request from
// both sides, and without it, where the services report themselves.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '@clover/client';
import { demoOf, type OwnCount, sums } from './support/demo.ts';
import { type Product, startProduct } from './support/product.ts';

const since = '1h';
const limit = 1000;
const GATEWAY = 'istio-ingressgateway.istio-system';

describe.each([
  { where: 'in the mesh', args: [], inMesh: true },
  { where: 'without the mesh', args: ['--no-mesh'], inMesh: false },
])('the demo’s numbers $where', ({ args, inMesh }) => {
  let product: Product;
  let own: OwnCount[];
  /** By service: requests that only the proxy counted, because the caller gave up while they were on their way. */
  let unseen: Record<string, number>;
  const lostWhileLive: string[] = [];
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    product = await startProduct({ args: ['--demo', '--demo-rate=90', ...args] });
    const demo = demoOf(product.ready);
    client = createClient({ baseUrl: product.ready.controller });
    for (let second = 0; second < 10; second++) {
      await sleep(1000);
      const { items } = await client.lost({ since: '5m' });
      for (const { from, to, lost, unanswered } of items)
        // Proxies have no answer to tell of when a caller gives up; a service says so itself.
        if (lost + (inMesh ? 0 : unanswered) > 0)
          lostWhileLive.push(`${from} -> ${to}: ${lost} + ${unanswered}`);
    }
    await demo.drain();
    own = (await demo.counters()).map((row) => ({ ...row, service: named(row.service) }));
    unseen = inMesh ? await givenUpUnseen() : {};
  });
  afterAll(() => product?.stop());

  /** As Istio names services, where proxies report. */
  const named = (service: string) => (inMesh ? `${service}.default` : service);
  /** A proxy that is left before there was an answer has no status; a service calls it 499. */
  const statusOf = ({ status }: OwnCount) => (inMesh && status === '499' ? '' : status);
  const isFailure = (row: OwnCount) => Number(row.status) >= 500 || statusOf(row) === '';
  const answered = (service: string) =>
    own.filter((row) => row.service === named(service)).reduce((sum, row) => sum + row.count, 0);
  /** The gateway keeps no counters of its own: it has what the front door has. */
  const withGateway = (rows: readonly OwnCount[]) => [
    ...rows,
    ...rows
      .filter((row) => inMesh && row.service === named('proxy-access-control'))
      .map((row) => ({ ...row, service: GATEWAY, version: 'latest' })),
  ];

  /** None on a machine that has time; on a busy one a second passes before a program has its request. */
  async function givenUpUnseen(): Promise<Record<string, number>> {
    const gone = { by: 'service', since, limit, side: 'server' as const, filter: ['statusCode='] };
    const seen = sums((await client.counts(gone)).items, (row) => row.values[0]!);
    const known = sums(
      own.filter((row) => statusOf(row) === ''),
      (row) => row.service,
    );
    for (const [service, count] of Object.entries(known))
      seen[service] = (seen[service] ?? 0) - count;
    return seen;
  }

  /** Key by key, the service first; equal but for those that the program has not seen. */
  function expectSame(
    seen: Record<string, number>,
    expected: Record<string, number>,
    further = 0,
  ): void {
    const off = Object.keys({ ...seen, ...expected }).flatMap((key) => {
      const slack = Math.abs(unseen[key.split(' ')[0]!] ?? 0) + further;
      const difference = (seen[key] ?? 0) - (expected[key] ?? 0);
      return Math.abs(difference) > slack ? [`${key}: ${seen[key]}, not ${expected[key]}`] : [];
    });
    expect(off).toEqual([]);
  }

  const counted = async (by: string) => {
    const answer = await client.counts({ by, since, limit, side: 'server' });
    expect(answer.rest.groups).toBe(0);
    return sums(answer.items, (row) => row.values.join(' '));
  };

  it('agree per service, and with the services page', async () => {
    const expected = sums(withGateway(own), (row) => row.service);
    expect(Object.keys(expected)).toHaveLength(inMesh ? 9 : 8);
    expectSame(await counted('service'), expected);
    const { items } = await client.services({ since });
    expectSame(
      sums(
        items.map(({ service, requests }) => ({ service, count: requests })),
        (row) => row.service,
      ),
      expected,
    );
  });

  it('agree per service and version', async () => {
    expectSame(
      await counted('service,version'),
      sums(withGateway(own), (row) => `${row.service} ${row.version}`),
    );
  });

  it('agree per service and status code', async () => {
    expectSame(
      await counted('service,statusCode'),
      sums(withGateway(own), (row) => `${row.service} ${statusOf(row)}`),
    );
  });

  it('agree per user agent', async () => {
    const service = named('proxy-access-control');
    const front = own.filter((row) => row.service === service);
    const answer = await client.userAgents({ since, limit, service });
    expectSame(
      sums(answer.items, (row) => `${service} ${row.values[0]!}`),
      sums(front, (row) => `${service} ${row.userAgent}`),
    );
  });

  it('agree per URL of the servers', async () => {
    const servers = own.filter(
      (row) => row.service.startsWith('clover-server') && !row.path.startsWith('/favicon'),
    );
    // A service knows its routes; a proxy sees URLs, whose ids Clover takes out, and no names of files.
    const key = inMesh ? 'urlTemplate' : 'route';
    const answer = await client.counts({
      by: `service,${key}`,
      since,
      limit,
      filter: ['service=~clover-server.*', `${key}!=`],
    });
    const files = { '/assets/{file}': '/assets/shop.css', '/uploads/{name}': '/uploads/list.json' };
    const shape = (path: string) =>
      inMesh ? (files[path as keyof typeof files] ?? path).replaceAll(/\{[^}]*\}/g, '{}') : path;
    expectSame(
      sums(
        answer.items.filter(({ values }) => !values[1]!.startsWith('/favicon')),
        ({ values }) => `${values[0]} ${shape(values[1]!)}`,
      ),
      sums(servers, (row) => `${row.service} ${shape(row.path)}`),
    );
  });

  it('agree in errors: answers of 500 and above, and none at all', async () => {
    const failed = sums(withGateway(own).filter(isFailure), (row) => row.service);
    const { items } = await client.services({ since });
    const seen = Object.fromEntries(
      items.filter(({ errors }) => errors > 0).map(({ service, errors }) => [service, errors]),
    );
    expectSame(seen, failed);
  });

  it('give the service graph that the demo is, with as many requests on its edges', async () => {
    // What arrived: on a busy machine a caller may give up before a request is on its way.
    const { items } = await client.lost({ since });
    const received = sums(
      items.map((edge) => ({ ...edge, count: edge.received })),
      (edge) => `${edge.to} from ${edge.from}`,
    );
    const front = named('proxy-access-control');
    const lb = named('http-lb');
    const expected: Record<string, number> = {
      [`${lb} from ${front}`]: answered('http-lb'),
      [`${named('snort-ids')} from ${inMesh ? GATEWAY : front}`]: answered('snort-ids'),
    };
    if (inMesh) expected[`${front} from ${GATEWAY}`] = answered('proxy-access-control');
    for (let number = 1; number <= 5; number++)
      expected[`${named(`clover-server${number}`)} from ${lb}`] = answered(
        `clover-server${number}`,
      );
    expectSame(received, expected);
    const { edges } = await client.graph({ since });
    expect(edges.map(({ from, to }) => `${to} from ${from}`).toSorted()).toEqual(
      Object.keys(expected).toSorted(),
    );
    const balancers = edges.find(({ to }) => to === lb)!;
    const sent = balancers.requests - (received[`${lb} from ${front}`] ?? 0);
    expectSame(
      sums(
        balancers.toVersions.map((one) => ({ ...one, count: one.requests })),
        ({ version }) => `${lb} ${version}`,
      ),
      sums(
        own.filter((row) => row.service === lb),
        (row) => `${row.service} ${row.version}`,
      ),
      sent,
    );
  });

  it('have a copy at the IDS of each request that comes in', () => {
    const denied = own.filter(
      (row) => row.service === named('proxy-access-control') && row.status === '403',
    );
    // The mesh copies at its gateway, before the front door has denied anything.
    const passed = sums(denied, () => 'denied')['denied'] ?? 0;
    const front = named('proxy-access-control');
    expectSame(
      { [front]: answered('snort-ids') },
      { [front]: answered('proxy-access-control') - (inMesh ? 0 : passed) },
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
