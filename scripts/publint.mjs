// Checks that what each package's package.json points at is there and is what it says.
import { existsSync, readdirSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { readFileSync } from 'node:fs';

let bad = 0;
for (const name of readdirSync('packages')) {
  const file = `packages/${name}/package.json`;
  if (!existsSync(file)) continue;
  const pkg = JSON.parse(readFileSync(file, 'utf8'));
  const { messages } = await publint({ pkgDir: `packages/${name}`, strict: true, pack: false });
  for (const message of messages) {
    // Suggestions are about packages that are published; these are used from the clone.
    if (message.type === 'suggestion') continue;
    console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
    bad++;
  }
}
process.exitCode = bad === 0 ? 0 : 1;
