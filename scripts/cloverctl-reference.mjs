// Writes docs/cloverctl.md from the commands of the built cloverctl: node scripts/cloverctl-reference.mjs
import { writeFileSync } from 'node:fs';
import { referenceMarkdown } from '../packages/cloverctl/dist/help/reference.js';

writeFileSync(new URL('../docs/cloverctl.md', import.meta.url), referenceMarkdown());
