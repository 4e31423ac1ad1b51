import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MetricBatch } from '@clover/model';
import { waitFor } from '@clover/test-support';
import { isStale } from '../src/metrics/metric-batch-builder.ts';
import {
  createPrometheusScraper,
  type ScraperOptions,
} from '../src/receivers/prometheus-scrape.ts';

let server: Server;
let url: string;
let answer: { status?: number; type?: string; text: string; gzip?: boolean; waitMs?: number };
let accept: string | undefined;
let batches: MetricBatch[];
const sink = { writeMetrics: async (batch: MetricBatch) => void batches.push(batch) };

beforeEach(async () => {
  batches = [];
  answer = { text: 'a{x="1",job="mine"} 1\nb 2\n' };
  server = createServer((request, response) => {
    accept = request.headers.accept;
    setTimeout(() => {
      response.writeHead(answer.status ?? 200, {
        'content-type': answer.type ?? 'text/plain; version=0.0.4',
        ...(answer.gzip === true ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(answer.gzip === true ? gzipSync(answer.text) : answer.text);
    }, answer.waitMs ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const scraper = (options: Partial<ScraperOptions> = {}) =>
  createPrometheusScraper({ targets: [{ url, job: 'demo' }], sink, ...options });

function last(): Record<string, number | 'stale'> {
  const batch = batches.at(-1)!;
  return Object.fromEntries(
    Array.from(batch.values, (value, i) => {
      const { name, labels } = batch.series[batch.seriesIndexes[i]!]!;
      expect(labels).toMatchObject({ job: 'demo', instance: new URL(url).host });
      return [name, isStale(batch.values, i) ? 'stale' : value];
    }),
  );
}

describe('createPrometheusScraper', () => {
  it('adds job and instance, keeps the own labels beside them, and reports up', async () => {
    const one = scraper();
    await one.scrapeNow();
    expect(last()).toMatchObject({ a: 1, b: 2, up: 1, scrape_samples_scraped: 2 });
    expect(batches[0]!.series[0]!.labels).toMatchObject({
      x: '1',
      exported_job: 'mine',
      job: 'demo',
    });
    expect(one.status()[0]).toMatchObject({
      state: 'up',
      samples: 2,
      error: null,
      acceptedPoints: 5,
    });
    expect(accept).toMatch(/^application\/openmetrics-text.*text\/plain/);
  });

  it('reads OpenMetrics when the target says so, also gzipped', async () => {
    answer = {
      type: 'application/openmetrics-text; version=1.0.0',
      text: '# TYPE c counter\nc_total 3\n# EOF\n',
      gzip: true,
    };
    await scraper().scrapeNow();
    expect(last()).toMatchObject({ c_total: 3, up: 1 });
  });

  it('marks series that vanish and all series of a target that goes down', async () => {
    const one = scraper();
    await one.scrapeNow();
    answer = { text: 'b 3\n' };
    await one.scrapeNow();
    expect(last()).toMatchObject({ a: 'stale', b: 3, up: 1 });
    answer = { text: '', status: 503 };
    await one.scrapeNow();
    expect(last()).toMatchObject({ b: 'stale', up: 0 });
    expect(last()).not.toHaveProperty('a');
    expect(one.status()[0]).toMatchObject({
      state: 'down',
      error: 'the target answered 503 Service Unavailable',
      failures: 1,
    });
  });

  it.each([
    [{ text: 'a 1\nb{ 2\n' }, {}, /line 2: the labels do not end/],
    [{ text: 'a 1\n'.repeat(100) }, { maxBodyBytes: 50 }, /larger than 50 bytes/],
    [{ text: 'a 1\n', waitMs: 300 }, { timeoutMs: 50 }, /no answer within 50 ms/],
    [{ text: 'a 1\n', type: 'application/openmetrics-text' }, {}, /without # EOF/],
  ])('keeps nothing of a broken answer %#', async (broken, options, message) => {
    answer = broken;
    const one = scraper(options);
    await one.scrapeNow();
    expect(Object.keys(last()).sort()).toEqual([
      'scrape_duration_seconds',
      'scrape_samples_scraped',
      'up',
    ]);
    expect(last().up).toBe(0);
    expect(one.status()[0]!.error).toMatch(message);
  });

  it('scrapes by itself, sees a target come and go, and ends in good order', async () => {
    const changes: string[] = [];
    const one = scraper({ intervalMs: 50, onChange: ({ state }) => void changes.push(state) });
    one.start();
    await waitFor('three scrapes', () => batches.length >= 3);
    answer = { text: '', status: 500 };
    await waitFor('down', () => changes.includes('down'));
    await one.setTargets([]);
    expect(one.status()).toEqual([]);
    const count = batches.length;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(batches.length).toBe(count);
    await one.close();
    expect(changes).toEqual(['up', 'down']);
  });

  it('says that a connection was refused, and that samples could not be stored', async () => {
    const down = createPrometheusScraper({
      targets: [{ url: 'http://127.0.0.1:1/metrics', job: 'demo' }],
      sink,
    });
    await down.scrapeNow();
    expect(down.status()[0]).toMatchObject({
      state: 'down',
      error: expect.stringMatching(/refused|bad port/) as string,
    });
    const full = scraper({ sink: { writeMetrics: () => Promise.reject(new Error('disk full')) } });
    await full.scrapeNow();
    expect(full.status()[0]).toMatchObject({
      state: 'up',
      error: 'the samples could not be stored: disk full',
    });
  });
});
