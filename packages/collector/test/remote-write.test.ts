import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import snappyjs from 'snappyjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloverError, type MetricBatch } from '@clover/model';
import { hasParts, startPrometheus, titleWith, waitFor } from '@clover/test-support';
import { createRemoteWriteHandler } from '../src/receivers/remote-write.ts';

/** A WriteRequest of one series by hand. */
function writeRequest(
  labels: Record<string, string>,
  samples: readonly [number, number][],
): Buffer {
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([number * 8 + 2]), varint(BigInt(bytes.length)), bytes]);
  const label = ([name, value]: [string, string]) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]));
  const sample = ([time, value]: [number, number]) => {
    const double = Buffer.alloc(9);
    double[0] = 9;
    double.writeDoubleLE(value, 1);
    return field(2, Buffer.concat([double, Buffer.from([16]), varint(BigInt(time))]));
  };
  return field(1, Buffer.concat([...Object.entries(labels).map(label), ...samples.map(sample)]));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    if (rest <= 0x7fn) return Buffer.from(bytes);
  }
}

const HEADERS = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
const pack = (bytes: Uint8Array) => snappyjs.compress(new Uint8Array(bytes));
const GOOD = pack(
  writeRequest({ __name__: 'a_total', job: 'x' }, [
    [1000, 1.5],
    [2000, 2.5],
  ]),
);

function handler(options: { maxBytes?: number; fail?: Error } = {}) {
  const batches: MetricBatch[] = [];
  const handle = createRemoteWriteHandler({
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    sink: {
      async writeMetrics(batch) {
        if (options.fail !== undefined) throw options.fail;
        batches.push(batch);
      },
    },
  });
  return { handle, batches };
}

describe('createRemoteWriteHandler', () => {
  it('keeps series and samples and answers 204 afterwards', async () => {
    const { handle, batches } = handler();
    expect(await handle({ headers: HEADERS, body: GOOD })).toMatchObject({ status: 204, body: '' });
    expect(batches[0]).toMatchObject({
      source: 'remote-write',
      series: [{ name: 'a_total', labels: { job: 'x' }, type: 'counter' }],
    });
    expect([...batches[0]!.values]).toEqual([1.5, 2.5]);
    expect([...batches[0]!.timesUnixMs]).toEqual([1000, 2000]);
  });

  it.each([
    [{ 'content-type': 'text/plain' }, GOOD, 415, /not application\/x-protobuf/],
    [{ 'content-encoding': 'gzip' }, GOOD, 415, /"gzip" is not snappy/],
    [
      { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' },
      GOOD,
      415,
      /send remote write 1\.0/,
    ],
    [{ 'x-prometheus-remote-write-version': '2.0.0' }, GOOD, 415, /2\.0 is not supported/],
    [{}, Uint8Array.of(1, 2, 3), 400, /snappy/],
    [{}, pack(Buffer.from('hello')), 400, /wire type|ends in the middle|field/],
    [
      {},
      pack(writeRequest({ job: 'x' }, [[1, 1]])),
      400,
      /timeseries\[0\]: "" is not a metric name/,
    ],
    [
      {},
      pack(writeRequest({ __name__: 'a', 'b.c': 'x' }, [[1, 1]])),
      400,
      /"b.c" is not a label name/,
    ],
    [{}, pack(Buffer.alloc(3000)), 413, /more than 1000/],
  ])('refuses what it cannot take %#', async (headers, body, status, message) => {
    const { handle, batches } = handler({ maxBytes: 1000 });
    const answer = await handle({ headers: { ...HEADERS, ...headers }, body });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(message);
    expect(batches).toEqual([]);
  });

  it('asks the sender to try again when the sink cannot keep them', async () => {
    const full = new CloverError('collector.full', 'no room', { status: 429 });
    const answer = await handler({ fail: full }).handle({ headers: HEADERS, body: GOOD });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    const broken = await handler({ fail: new Error('disk') }).handle({
      headers: HEADERS,
      body: GOOD,
    });
    expect(broken.status).toBe(503);
  });

  it('never throws and never half stores whatever the bytes', async () => {
    const plain = Buffer.concat([
      writeRequest({ __name__: 'a', job: 'x' }, [[1000, 1]]),
      writeRequest({ __name__: 'b', job: 'y' }, [[1000, 2]]),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(plain.length - 1),
        fc.nat(3),
        fc.uint8Array({ maxLength: 3 }),
        async (at, length, insert) => {
          const damaged = Buffer.concat([
            plain.subarray(0, at),
            insert,
            plain.subarray(at + length),
          ]);
          const { handle, batches } = handler();
          const { status } = await handle({ headers: HEADERS, body: pack(damaged) });
          expect([204, 400]).toContain(status);
          if (status === 400) expect(batches).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe.skipIf(!hasParts('prometheus'))(
  titleWith('remote write from a real Prometheus', 'prometheus'),
  () => {
    let server: Server;
    const received = handler();
    let statuses: number[] = [];
    beforeAll(async () => {
      statuses = [];
      server = createServer((request, response) => {
        if (request.method === 'GET') {
          response.end('# TYPE demo_total counter\ndemo_total{a="b"} 42\n');
          return;
        }
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          void received
            .handle({ headers: request.headers, body: Buffer.concat(chunks) })
            .then((answer) => {
              statuses.push(answer.status);
              response.writeHead(answer.status, answer.headers).end(answer.body);
            });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void server.close());

    it('takes what it scraped', async () => {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const prometheus = await startPrometheus({
        scrape: [{ job: 'demo', targets: [host] }],
        scrapeIntervalMs: 200,
        remoteWrite: [`http://${host}/api/v1/write`],
      });
      try {
        const series = await waitFor('demo_total', () =>
          received.batches
            .flatMap((batch) => batch.series)
            .find(({ name }) => name === 'demo_total'),
        );
        expect(series).toMatchObject({
          labels: { a: 'b', job: 'demo', instance: host },
          type: 'counter',
        });
        const values = received.batches.flatMap((batch) =>
          [...batch.values].filter(
            (_, i) => batch.series[batch.seriesIndexes[i]!]!.name === 'demo_total',
          ),
        );
        expect(new Set(values)).toEqual(new Set([42]));
        expect(new Set(statuses)).toEqual(new Set([204]));
      } finally {
        await prometheus.stop();
      }
    });
  },
);
