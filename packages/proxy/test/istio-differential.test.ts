// Random tables and requests, decided here, answered by a real Istio and by this proxy: all three must
// agree. A small part of what `./clover bench istio` compares.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { istioAddresses } from '../../traffic/test/differential/istio-addresses.ts';
import { openIstio } from '../../traffic/test/differential/istio.ts';
import { runDifferential } from '../../traffic/test/differential/run.ts';
import { EXCEPTIONS } from './support/exceptions.ts';
import { openProxyUnderTest } from './support/proxy-under-test.ts';

const addresses = istioAddresses();

describe.skipIf(!addresses)('a running Istio (ISTIO_LOCAL)', () => {
  // Putting tables in force takes a busy machine long.
  it(
    'answers random requests as decided, and as this proxy does',
    { timeout: 400_000 },
    async () => {
      const plane = await openIstio(addresses!);
      const proxy = openProxyUnderTest();
      try {
        const run = await runDifferential(plane, {
          seed: 7,
          tables: 40,
          requestsPerTable: 60,
          batch: 20,
          beside: { plane: proxy, exceptions: EXCEPTIONS },
        });
        expect(run.differences.slice(0, 5)).toEqual([]);
        expect(run.compared).toBe(2400);
        expect(run.outcomes['upstream']).toBeGreaterThan(400);
        expect(run.beside.alike + run.beside.byChance).toBe(2400);
        expect(run.beside.byChance).toBeLessThan(240);
        // An exception that is no longer met is to be taken off the list.
        expect(Object.keys(run.beside.exceptions).toSorted()).toEqual(
          EXCEPTIONS.map((one) => one.name).toSorted(),
        );
      } finally {
        await proxy.close();
        await plane.close();
      }
    },
  );
});

it('every exception stands in the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/traffic.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z-]+)` of an? (request|answer) \|/gm)];
  expect(listed.map(([, name, of]) => `${of} ${name}`)).toEqual(
    EXCEPTIONS.map(({ name, of }) => `${of} ${name}`),
  );
});
