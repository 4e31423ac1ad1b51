import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referenceMarkdown } from '../src/help/reference.ts';

it('docs/cloverctl.md is what the commands say (node scripts/cloverctl-reference.mjs writes it)', () => {
  const page = readFileSync(new URL('../../../docs/cloverctl.md', import.meta.url), 'utf8');
  expect(page).toBe(referenceMarkdown());
});
