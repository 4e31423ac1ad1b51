// docs/traffic.md: every command in it, run in examples/traffic against a controller that holds the recording.

import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startController } from './support/cloverctl.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const page = readFileSync(path('../../../docs/traffic.md'), 'utf8');
const blocks = [...page.matchAll(/```console\n\$ (.*)\n([^]*?)```/g)].map(
  ([, line, output]) => [line!, output!] as const,
);

let controller: Awaited<ReturnType<typeof startController>>;
beforeAll(async () => {
  controller = await startController();
  await shell('node record.mjs --split 70 | cloverctl import - > /dev/null');
});
afterAll(() => controller?.stop());

/** stdout and stderr as they come. */
function shell(line: string): Promise<string> {
  const child = spawn(
    'bash',
    ['-c', `cloverctl() { node ${path('../dist/main.js')} "$@"; }; { ${line}; } 2>&1`],
    {
      cwd: path('../../../examples/traffic'),
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        CLOVER_SERVER: controller.url,
      },
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}

it.each(blocks)('%s', async (line, output) => {
  if (line.includes('grep fail')) {
    await shell(
      'cloverctl clear visibility --yes; node record.mjs --split 75 --requests 3000 | cloverctl import -',
    );
  }
  expect(await shell(line)).toBe(output);
});
