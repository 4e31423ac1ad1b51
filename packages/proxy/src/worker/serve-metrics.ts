import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withoutBuckets } from '../telemetry/metrics/exposition.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Prometheus' text under `/stats/prometheus` (where Envoy has it) and `/metrics`; with `?histograms=sums`
 * without buckets, for a scraper that has percentiles from spans.
 */
export async function serveMetrics(
  { address, port }: { readonly address: string; readonly port: number },
  telemetry: Telemetry,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const [path, query] = (request.url ?? '').split('?');
    if (path !== '/stats/prometheus' && path !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    const short = new URLSearchParams(query).get('histograms') === 'sums';
    for (const piece of telemetry.prometheus())
      response.write(short ? withoutBuckets(piece) : piece);
    response.end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve());
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}/stats/prometheus`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
