// Random tables and requests, decided here and by a real Istio: a small part of what
// `./clover bench istio` compares.

import { describe, expect, it } from 'vitest';
import { istioAddresses } from './differential/istio-addresses.ts';
import { openIstio } from './differential/istio.ts';
import { runDifferential } from './differential/run.ts';

const addresses = istioAddresses();

describe.skipIf(!addresses)('a running Istio (ISTIO_LOCAL)', () => {
  it('answers random requests to random tables as decided', async () => {
    const plane = await openIstio(addresses!);
    try {
      const run = await runDifferential(plane, {
        seed: 7,
        tables: 40,
        requestsPerTable: 60,
        batch: 20,
      });
      expect(run.differences.slice(0, 5)).toEqual([]);
      expect(run.compared).toBe(2400);
      expect(run.outcomes['upstream']).toBeGreaterThan(400);
    } finally {
      await plane.close();
    }
  });
});
