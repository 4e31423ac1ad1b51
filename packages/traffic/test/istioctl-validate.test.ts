// Istio is the judge of what is valid: `istioctl validate` refuses just what is refused here.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readResources, type Resource } from '../src/index.ts';
import { BROKEN } from './broken-resources.ts';
import { EXAMPLES } from './example-resources.ts';

const istioctl = process.env['ISTIOCTL'];
const cases = join(process.env['CLOVER_TEST_DATA'] ?? '/nonexistent', 'istio-cases/cases.json.gz');
const folder = mkdtempSync(join(tmpdir(), 'clover-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = promisify(execFile);
let count = 0;

/** What istioctl says against a file; empty when it takes it. */
async function refusal(text: string): Promise<string> {
  const file = join(folder, `${count++}.yaml`);
  writeFileSync(file, text);
  try {
    await run(istioctl!, ['validate', '-f', file], { timeout: 30_000 });
    return '';
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr || error);
  }
}

const errorsOf = (text: string) =>
  readResources([{ name: 'a.yaml', text }]).findings.filter(({ severity }) => severity === 'error');

describe.skipIf(!istioctl)('beside istioctl validate (ISTIOCTL)', () => {
  it(
    'what is refused here is refused there, and the other way round',
    { timeout: 240_000 },
    async () => {
      const differ: string[] = [];
      for (const { what, text, severity } of BROKEN) {
        const theirs = await refusal(text);
        if ((theirs !== '') !== (severity === 'error'))
          differ.push(`${what}: ${theirs || 'taken'}`);
      }
      expect(differ).toEqual([]);
    },
  );

  it('ALLOW_ANY_DYNAMIC_DNS in a Sidecar is refused there alone', { timeout: 60_000 }, async () => {
    const text =
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: s, namespace: default}\nspec: {outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}';
    expect(await refusal(text)).toContain('ALLOW_ANY_DYNAMIC_DNS');
    expect(readResources([{ name: 'a.yaml', text }]).findings).toMatchObject([
      { code: 'CLV125', severity: 'warning' },
    ]);
  });

  it('takes all examples', { timeout: 240_000 }, async () => {
    for (const { name, text } of EXAMPLES) {
      expect([name, errorsOf(text)]).toEqual([name, []]);
      expect([name, await refusal(text)]).toEqual([name, '']);
    }
  });
});

// They went to the API server without Istio's webhook, so that some are not valid.
describe.skipIf(!istioctl || !existsSync(cases))(
  'the recorded resources (CLOVER_TEST_DATA, ISTIOCTL)',
  () => {
    it('are valid here where they are valid there', { timeout: 240_000 }, async () => {
      const { resources } = JSON.parse(gunzipSync(readFileSync(cases)).toString()) as {
        resources: Resource[];
      };
      const documents = resources.map((one) => JSON.stringify(one));
      const refused = documents.filter((text) => errorsOf(text).length > 0);
      const taken = documents.filter((text) => !refused.includes(text));
      expect(taken.length).toBeGreaterThan(100);
      expect(await refusal(taken.join('\n---\n'))).toBe('');
      for (const text of refused)
        expect([errorsOf(text)[0], await refusal(text)]).not.toEqual([expect.anything(), '']);
    });
  },
);
