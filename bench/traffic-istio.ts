// Holds `decide` and Clover's own proxy to a running Istio: random tables and requests, every answer compared.
// Usage: ./clover bench istio [--tables=500] [--requests=100] [--batch=25] [--seed=1], with ISTIO_LOCAL

import { parseArgs } from 'node:util';
import { EXCEPTIONS } from '../packages/proxy/test/support/exceptions.ts';
import { openProxyUnderTest } from '../packages/proxy/test/support/proxy-under-test.ts';
import { istioAddresses } from '../packages/traffic/test/differential/istio-addresses.ts';
import { openIstio } from '../packages/traffic/test/differential/istio.ts';
import { runDifferential } from '../packages/traffic/test/differential/run.ts';

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '500' },
    requests: { type: 'string', default: '100' },
    batch: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
  },
});
const addresses = istioAddresses();
if (!addresses) {
  console.error('ISTIO_LOCAL names no folder with the kubeconfig (kc) of a running Istio');
  process.exit(2);
}
const plane = await openIstio(addresses);
const proxy = openProxyUnderTest();
const started = Date.now();
try {
  const run = await runDifferential(plane, {
    seed: Number(values.seed),
    tables: Number(values.tables),
    requestsPerTable: Number(values.requests),
    batch: Number(values.batch),
    beside: { plane: proxy, exceptions: EXCEPTIONS },
    onBatch: ({ tables, compared, differences }) =>
      console.error(`${tables} tables, ${compared} compared, ${differences.length} differences`),
  });
  for (const one of run.differences.slice(0, 40)) console.log(`${one}\n`);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const kinds = Object.entries(run.outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`);
  console.log(
    `${run.tables} tables · ${run.compared} comparisons · ${run.differences.length} differences · ${seconds} s · ${kinds.join(', ')}`,
  );
  const { alike, byChance, exceptions } = run.beside;
  const met = Object.entries(exceptions).map(([name, count]) => `${name} ${count}`);
  console.log(
    `Clover's proxy beside it: ${alike} answers alike · ${byChance} to another destination by chance, as decided · exceptions: ${met.join(', ')}`,
  );
  process.exitCode = run.differences.length > 0 ? 1 : 0;
} finally {
  await proxy.close();
  await plane.close();
}
