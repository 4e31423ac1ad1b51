// A process of its own that sends OTLP/HTTP protobuf requests over a few kept connections for a given
// time and says each second, as a JSON line, how many spans were acknowledged.
// --url http://127.0.0.1:4318 --seconds 20 --connections 8 --spans 4000 [--rate SPANS_PER_SECOND]
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRequest } from './otlp-requests.ts';

/** One line of the generator's output; the last one has `done`. */
export interface LoadReport {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly failed: number;
  readonly done: boolean;
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '8' },
    spans: { type: 'string', default: '4000' },
    rate: { type: 'string', default: '0' },
  },
});
if (values.url === undefined) throw new Error('--url is missing');
const target = new URL('/v1/traces', values.url);
const connections = Number(values.connections);
const spansPerRequest = Number(values.spans);
const ratePerSecond = Number(values.rate);
// Encoded before the clock starts.
const encoded = Array.from({ length: 8 }, () => createRequest(spansPerRequest, Math.random));
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const started = performance.now();
const endMs = started + Number(values.seconds) * 1000;
const totals = { acknowledged: 0, refused: 0, failed: 0 };

const report = (done: boolean) => {
  const line: LoadReport = { seconds: (performance.now() - started) / 1000, ...totals, done };
  console.log(JSON.stringify(line));
};

/** The HTTP status, 0 when there was none, and how long to wait before the next try. */
function send(body: Buffer): Promise<{ status: number; waitMs: number }> {
  return new Promise((resolve) => {
    const outgoing = request(target, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
    });
    outgoing.on('response', (response) => {
      response.resume();
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          waitMs: Number(response.headers['retry-after'] ?? 0) * 1000,
        }),
      );
    });
    outgoing.on('error', () => resolve({ status: 0, waitMs: 100 }));
    outgoing.end(body);
  });
}

async function connection(): Promise<void> {
  // A buffer is stamped anew only when its request was answered.
  const requests = encoded.map((request) => request.copy());
  for (let turn = 0; performance.now() < endMs; turn++) {
    const next = requests[turn % requests.length]!;
    const sentMs = performance.now();
    next.stamp(Date.now());
    const { status, waitMs } = await send(next.body);
    if (status === 200) totals.acknowledged += next.spans;
    else if (status === 429 || status === 503) totals.refused += next.spans;
    else totals.failed += next.spans;
    const paceMs = ratePerSecond > 0 ? (connections * spansPerRequest * 1000) / ratePerSecond : 0;
    const restMs = Math.max(waitMs, paceMs - (performance.now() - sentMs));
    if (restMs > 0) await sleep(restMs);
  }
}

const timer = setInterval(() => report(false), 1000);
await Promise.all(Array.from({ length: connections }, connection));
clearInterval(timer);
report(true);
agent.destroy();
