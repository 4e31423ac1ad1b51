import { CriticalPathAnswer, ErrorsAnswer, TraceDetail, TracesAnswer } from '@clover/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { criticalPath } from '../../src/queries/critical-path.ts';
import { errors } from '../../src/queries/errors.ts';
import { searchTraces } from '../../src/queries/search-traces.ts';
import { traceDetail } from '../../src/queries/trace-detail.ts';
import type { TestStore } from './test-store.ts';
import { hexId } from './test-spans.ts';
import { openShop, scope, served, where } from './shop.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openShop();
});
afterAll(() => store.close());

describe('traces', () => {
  test('newest first, page by page, gives every matching trace once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = TracesAnswer.parse(
        await searchTraces(store, where('version=v2'), { limit: 20, cursor, status: 'ok' }),
      );
      seen.push(...page.items.map((item) => item.traceId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const want = served
      .filter((span) => span.columns!.version === 'v2')
      .toSorted((a, b) => b.startMs - a.startMs)
      .map((span) => hexId(span.trace, 16));
    // Status ok keeps a failed trace's database span, which did not fail.
    expect(seen).toEqual(want);
  });
  test('slowest first, by duration, text and status', async () => {
    const slow = await searchTraces(store, scope, { sort: 'slowest', limit: 4 });
    expect(slow.items.map((item) => item.durationNs)).toEqual([902e6, 902e6, 902e6, 902e6]);
    const next = await searchTraces(store, scope, {
      sort: 'slowest',
      limit: 4,
      cursor: slow.nextCursor!,
    });
    expect(next.items.map((item) => item.durationNs).slice(0, 3)).toEqual([902e6, 902e6, 31e6]);
    expect(new Set([...slow.items, ...next.items].map((item) => item.traceId)).size).toBe(8);
    const failed = await searchTraces(store, scope, { status: 'error', limit: 100 });
    expect(failed.items).toHaveLength(38);
    expect(failed.items[0]).toMatchObject({
      rootService: 'web',
      spans: 3,
      errors: 2,
      matchedSpans: 2,
      httpStatusCode: 503,
    });
    const text = await searchTraces(store, scope, { text: 'ORDER 16 not' });
    expect(text.items.map((item) => item.traceId)).toEqual([hexId('shop-16', 16)]);
    const range = await searchTraces(store, scope, {
      minDuration: '500ms',
      operation: 'GET /cart',
      limit: 50,
    });
    expect(range.items).toHaveLength(
      served.filter((s) => s.durationNs > 500e6 && s.columns!.name === 'GET /cart').length,
    );
    await expect(searchTraces(store, scope, { cursor: 'x' })).rejects.toMatchObject({
      status: 400,
    });
  });
  test('one trace: waterfall, copies, attributes, and a 404', async () => {
    const detail = TraceDetail.parse(await traceDetail(store, hexId('shop-0', 16)));
    expect(detail.spans.map((span) => [span.name, span.depth, span.offsetNs])).toEqual([
      ['GET', 0, 0],
      ['GET /cart', 1, 1e6],
      ['SELECT', 2, 5e6],
    ]);
    expect(detail.spans[1]!.attributes).toMatchObject({ 'tenant.id': 't0' });
    expect(detail.spans[1]!.resource).toEqual({ 'service.name': 'shop', 'cloud.region': 'eu' });
    expect(detail.services.map((one) => one.service).toSorted()).toEqual(['shop', 'web']);
    expect(detail.criticalPath.reduce((sum, part) => sum + part.toNs - part.fromNs, 0)).toBe(
      detail.durationNs,
    );
    await expect(traceDetail(store, 'abc')).rejects.toMatchObject({ status: 404 });
    await expect(traceDetail(store, 'not hex')).rejects.toMatchObject({ status: 400 });
  });
  test('aggregate critical path: shares of the front end’s time add up to all of it', async () => {
    const answer = CriticalPathAnswer.parse(await criticalPath(store, scope));
    expect(answer).toMatchObject({ root: 'web GET', traces: 300 });
    expect(answer.items.reduce((sum, item) => sum + item.ratio, 0)).toBeCloseTo(1, 9);
    expect(answer.items.map((item) => item.operation)[0]).toBe('SELECT');
    const cart = await criticalPath(store, where('service=shop'), { operation: 'GET /cart' });
    expect(cart).toMatchObject({ root: 'shop GET /cart', traces: 100 });
  });
});

describe('errors', () => {
  test('are grouped by message shape where they arose', async () => {
    const answer = ErrorsAnswer.parse(await errors(store, scope));
    expect(
      answer.items.map(({ service, shape, type, count, affected }) => ({
        service,
        shape,
        type,
        count,
        affected,
      })),
    ).toEqual([
      {
        service: 'shop',
        shape: 'order {n} not found for {text}',
        type: 'NotFound',
        count: 25,
        affected: ['web'],
      },
      {
        service: 'shop',
        shape: 'order {n} not found for {text}',
        type: 'NotFound',
        count: 13,
        affected: ['web'],
      },
    ]);
    const fromWeb = await errors(store, where('service=web'));
    expect(fromWeb.items.reduce((sum, item) => sum + item.count, 0)).toBe(38);
  });
});
