// The process of the built-in data plane: its listeners, and its metrics on a port of their own. It does
// what its parent says and ends with it.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloverError } from '@clover/model';
import { createDataPlane, createTelemetry, type DataPlane, type Telemetry } from '@clover/proxy';
import type { Failure, Numbered, Question, Reply, Started, StartOptions } from './messages.ts';

let parts: { plane: DataPlane; telemetry: Telemetry; metrics: Server } | undefined;
let closing = false;

async function start(options: StartOptions): Promise<Started> {
  const telemetry = createTelemetry({
    samplingRatio: options.samplingRatio,
    spans: { endpoint: options.otlpHttpUrl },
  });
  const metrics = createServer((request, response) => {
    if (request.url !== '/metrics' && request.url !== '/stats/prometheus') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    for (const piece of telemetry.prometheus()) response.write(piece);
    response.end();
  });
  await new Promise<void>((resolve, reject) => {
    metrics.once('error', reject);
    metrics.listen(options.metricsPort, '127.0.0.1', resolve);
  });
  parts = { plane: createDataPlane({ sink: telemetry }), telemetry, metrics };
  return { metricsPort: (metrics.address() as AddressInfo).port };
}

async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  if (!parts) return;
  await parts.plane.close();
  await parts.telemetry.close();
  parts.metrics.close();
  parts.metrics.closeAllConnections();
}

async function answer(question: Question): Promise<unknown> {
  if (question.type === 'start') return start(question.options);
  if (question.type === 'close') return close();
  if (!parts) throw new Error('the data plane has not started yet');
  if (question.type === 'apply') return parts.plane.apply(question.config);
  return question.type === 'flush' ? parts.telemetry.flush() : parts.plane.statistics();
}

function failureOf(error: unknown): Failure {
  const { message, stack } = error as Error;
  if (error instanceof CloverError) {
    const { code, hint, status } = error;
    return { code, message, hint, status, stack };
  }
  return { code: 'proxy.failed', message, hint: undefined, status: 500, stack };
}

const end = () => void close().finally(() => process.exit());
// Ctrl-C goes to the whole group; the parent decides when the data plane ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', end);
process.once('disconnect', end);
process.on('message', ({ id, ...question }: Numbered) => {
  const reply = (message: Reply) =>
    process.send?.(message, () => {
      if (question.type === 'close') process.exit();
    });
  answer(question).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, failure: failureOf(error) }),
  );
});
