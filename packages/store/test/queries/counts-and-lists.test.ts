import {
  AttributeKeysAnswer,
  AttributeValuesAnswer,
  CompareAnswer,
  CountsAnswer,
  DistinctAnswer,
  Overview,
  ServicesAnswer,
  SystemCounts,
  type Scope,
} from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attributeKeys } from '../../src/queries/attribute-keys.ts';
import { attributeValues } from '../../src/queries/attribute-values.ts';
import { compare } from '../../src/queries/compare.ts';
import { counts } from '../../src/queries/counts.ts';
import { criticalPath } from '../../src/queries/critical-path.ts';
import { distinct } from '../../src/queries/distinct.ts';
import { errors } from '../../src/queries/errors.ts';
import { explain } from '../../src/queries/explain.ts';
import { graph } from '../../src/queries/graph.ts';
import { latencyHistogram } from '../../src/queries/latency-histogram.ts';
import { lost } from '../../src/queries/lost.ts';
import { overview } from '../../src/queries/overview.ts';
import { rates } from '../../src/queries/rates.ts';
import { searchTraces } from '../../src/queries/search-traces.ts';
import { services } from '../../src/queries/services.ts';
import { systemCounts } from '../../src/queries/system-counts.ts';
import type { TestStore } from './test-store.ts';
import { isFailed } from './reference.ts';
import { type TestSpan } from './test-spans.ts';
import { T, openShop, repeated, scope, served, where } from './shop.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openShop();
});
afterAll(() => store.close());

describe('counts', () => {
  test('per URL, with the rest beyond the limit', async () => {
    const answer = CountsAnswer.parse(await counts(store, scope, { by: 'url', limit: 1 }));
    expect(answer.items.map((item) => [item.values, item.count])).toEqual([
      [['shop/item/{id}'], 200],
    ]);
    expect(answer).toMatchObject({ total: 300, distinct: 2, rest: { groups: 1, count: 100 } });
    expect(answer.items[0]!.ratio).toBeCloseTo(2 / 3, 12);
  });
  test('by any attribute, and by a pair of a column and a resource attribute', async () => {
    const tenants = await counts(store, scope, { by: 'tenant.id' });
    expect(tenants.items.map((item) => item.count)).toEqual([60, 60, 60, 60, 60]);
    const pair = await counts(store, scope, { by: 'statusCode,cloud.region' });
    const want = new Map<string, number>();
    for (const span of served) {
      const key = JSON.stringify([String(span.httpStatus), span.resource!['cloud.region']]);
      want.set(key, (want.get(key) ?? 0) + 1);
    }
    expect(new Map(pair.items.map((item) => [JSON.stringify(item.values), item.count]))).toEqual(
      want,
    );
  });
  test('three keys are refused', async () => {
    await expect(counts(store, scope, { by: 'a,b,c' })).rejects.toMatchObject({ status: 400 });
  });
});

describe('filters', () => {
  const total = async (...filters: string[]) =>
    (await counts(store, where(...filters), { by: 'service' })).total;
  const expected = (keep: (span: TestSpan) => boolean) => served.filter(keep).length;
  test('on columns, attributes and resources, with every operator', async () => {
    expect(await total('version=v2')).toBe(expected((s) => s.columns!.version === 'v2'));
    expect(await total('http.response.status_code!=200')).toBe(
      expected((s) => s.httpStatus !== 200),
    );
    expect(await total('statusCode>=500')).toBe(expected((s) => s.httpStatus! >= 500));
    expect(await total('statusClass=4xx')).toBe(expected((s) => s.httpStatus === 404));
    expect(await total('duration>500ms')).toBe(expected((s) => s.durationNs > 500e6));
    expect(await total('tenant.id=t3')).toBe(60);
    expect(await total('tenant.id!=t3')).toBe(240);
    expect(await total('tenant.id=~^t[12]$')).toBe(120);
    expect(await total('tenant.id!~^t[12]$')).toBe(180);
    expect(await total('cart.size>9')).toBe(
      expected((s) => Number(s.attributes!['cart.size']) > 9),
    );
    expect(await total('cloud.region=us')).toBe(150);
    expect(await total('cloud.region!=us')).toBe(150);
    expect(await total('cloud.region=~u')).toBe(300);
    expect(await total('no.such.key=x')).toBe(0);
    expect(await total('no.such.key!=x')).toBe(300);
    expect(await total('no.such.key=')).toBe(300);
    expect(await total('status=error', 'node=pod-0')).toBe(
      expected((s) => isFailed(s) && s.columns!.node === 'pod-0'),
    );
    expect(await total("userAgent=x' OR 1=1 --")).toBe(0);
  });
});

describe('counts of the system and lists', () => {
  test('system counts tell spans from copies', async () => {
    const answer = SystemCounts.parse(
      await systemCounts(store, scope, { tracked: ['shop', 'gone'] }),
    );
    expect(answer).toMatchObject({
      traces: 300,
      spans: 900,
      servicesDiscovered: 2,
      servicesTracked: 1,
    });
    // The engine may have merged copies away already.
    expect(answer.duplicates).toBeLessThanOrEqual(repeated.length);
  });
  test('services with versions, instances and small series', async () => {
    const answer = ServicesAnswer.parse(await services(store, scope, { tracked: ['shop'] }));
    const shop = answer.items.find((item) => item.service === 'shop')!;
    expect(shop).toMatchObject({
      tracked: true,
      spans: 600,
      versions: ['v1', 'v2'],
      nodes: 2,
      requests: 300,
    });
    expect(shop.requestSeries.reduce((a, b) => a + b, 0)).toBe(300);
    expect(shop.p95Series).toHaveLength(shop.requestSeries.length);
    expect(answer.items.find((item) => item.service === 'web')).toMatchObject({
      tracked: false,
      requests: 0,
      latency: null,
    });
  });
  test('distinct HTTP details, attribute keys and values', async () => {
    const answer = DistinctAnswer.parse(await distinct(store, scope));
    expect(answer.urls).toEqual({
      total: 2,
      values: [
        { value: 'shop/item/{id}', count: 200 },
        { value: 'shop/cart', count: 100 },
      ],
    });
    expect(answer.userAgents.total).toBe(3);
    expect(answer.statusCodes.values.map((row) => row.value)).toEqual(['200', '503', '404']);
    const keys = AttributeKeysAnswer.parse(await attributeKeys(store, scope));
    expect(keys.items.map((item) => `${item.scope} ${item.key}`)).toContain(
      'resource cloud.region',
    );
    const values = AttributeValuesAnswer.parse(
      await attributeValues(store, scope, { key: 'tenant.id', prefix: 'T', limit: 2 }),
    );
    expect(values.items).toEqual([
      { value: 't0', count: 120 },
      { value: 't1', count: 120 },
    ]);
    expect(values.meta.cut).toEqual({ shown: 2, total: 5 });
    const regions = await attributeValues(store, scope, { key: 'cloud.region' });
    expect(regions.items.map((item) => item.value)).toEqual(['eu', 'us']);
  });
  test('an empty range gives empty answers, not errors', async () => {
    const empty: Scope = { startMs: T - 1e10, endMs: T - 1e10 + 60_000, filters: [] };
    expect((await services(store, empty)).items).toEqual([]);
    expect((await graph(store, empty)).edges).toEqual([]);
    expect((await lost(store, empty)).coverage).toBeNull();
    expect((await counts(store, empty)).total).toBe(0);
    expect((await rates(store, empty, { by: 'none' })).series).toHaveLength(1);
    expect((await rates(store, empty, { by: 'edge' })).series).toEqual([]);
    expect((await latencyHistogram(store, empty)).latency).toBeNull();
    expect((await searchTraces(store, empty)).items).toEqual([]);
    expect((await criticalPath(store, empty)).traces).toBe(0);
    expect((await errors(store, empty)).items).toEqual([]);
    expect((await explain(store, empty, { what: 'slow' })).items).toEqual([]);
    expect(Overview.parse(await overview(store, empty))).toMatchObject({
      beforeCovered: false,
      dataSinceMs: null,
    });
    CompareAnswer.parse(await compare(store, empty));
  });
});
