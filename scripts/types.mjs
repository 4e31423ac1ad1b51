// Checks the types of everything: the programs (which this also builds), the tests, the page.
import { spawnSync } from 'node:child_process';

const tsc = (...args) => spawnSync('node_modules/.bin/tsc', args, { stdio: 'inherit' }).status ?? 1;
process.exitCode =
  tsc('-b') || tsc('-p', 'tsconfig.test.json') || tsc('-p', 'packages/ui/tsconfig.json');
