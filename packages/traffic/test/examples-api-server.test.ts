// What stands in examples/ is taken by a real API server with Istio's CRDs, and read here.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResources } from '../src/index.ts';
import { EXAMPLES } from './example-resources.ts';

const local = process.env['ISTIO_LOCAL'];
const kubeconfig = join(local ?? '/nonexistent', 'kc');
const kubectl = process.env['KUBECTL'] ?? 'kubectl';

describe('the examples', () => {
  it('are read without an error', () => {
    const errors = EXAMPLES.flatMap(({ name, text }) =>
      readResources([{ name, text }]).findings.filter(({ severity }) => severity === 'error'),
    );
    expect(errors).toEqual([]);
    expect(EXAMPLES.length).toBeGreaterThan(20);
  });
});

describe.skipIf(!existsSync(kubeconfig))('a real API server (ISTIO_LOCAL, KUBECTL)', () => {
  it.each(EXAMPLES)('takes $name', { timeout: 60_000 }, ({ text }) => {
    const args = ['--kubeconfig', kubeconfig, 'apply', '--dry-run=server', '--validate=strict'];
    // Without `-n`, as what names its own namespace would be refused.
    const said = execFileSync(kubectl, [...args, '-f', '-'], {
      input: text,
      encoding: 'utf8',
    });
    expect(said).toContain('server dry run');
  });
});
