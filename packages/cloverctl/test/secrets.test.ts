// Secrets through the real programs: every verb that shows resources, and not one of them a key.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startController } from './support/cloverctl.ts';

let clover: Awaited<ReturnType<typeof startController>>;
let dir: TempDir;
const said: string[] = [];
async function run(...args: string[]) {
  const ran = await clover.run(args, { cwd: dir.path });
  said.push(ran.stdout, ran.stderr);
  return ran;
}

beforeAll(async () => {
  [clover, dir] = await Promise.all([startController(['--no-demo']), tempDir('cloverctl-secret-')]);
});
afterAll(async () => {
  await clover?.stop();
  await dir?.remove();
});

/** A file with a Secret, and what must not be seen of it. */
async function secretFile(name: string): Promise<string[]> {
  const [key, cert] = [join(dir.path, `${name}.key`), join(dir.path, `${name}.crt`)];
  spawnSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=site -keyout ${key} -out ${cert}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  );
  const [keyPem, certPem] = [await readFile(key, 'utf8'), await readFile(cert, 'utf8')];
  const indented = (pem: string) => pem.trimEnd().replaceAll('\n', '\n    ');
  await writeFile(
    join(dir.path, 'secret.yaml'),
    `apiVersion: v1
kind: Secret
metadata: {name: site, namespace: istio-system}
type: kubernetes.io/tls
data:
  tls.crt: ${Buffer.from(certPem).toString('base64')}
stringData:
  tls.key: |
    ${indented(keyPem)}
`,
  );
  return keyPem.split('\n').slice(1, -2);
}

it('a Secret is applied, listed, described, compared and taken back, and its key is never shown', async () => {
  const first = await secretFile('first');
  expect((await run('apply', '-f', 'secret.yaml')).stdout).toBe(
    'secret/site (istio-system) created\n',
  );
  const second = await secretFile('second');
  const diff = await run('diff', '-f', 'secret.yaml');
  expect(diff.exit).toBe(3);
  expect(diff.stdout + diff.stderr).toContain('+  tls.key: (redacted, changed)');
  await run('apply', '-f', 'secret.yaml');
  const table = await run('get', 'secrets', '-n', 'istio-system');
  expect(table.stdout).toMatch(/^site {2}kubernetes\.io\/tls {2}tls\.crt,tls\.key {2}0 /);
  for (const form of ['yaml', 'json', 'wide', 'name']) {
    const shown = await run('get', 'secret', 'site', '-n', 'istio-system', '-o', form);
    expect(shown.exit).toBe(0);
  }
  const yaml = await run('get', 'resources', '-A', '-o', 'yaml');
  expect(yaml.stdout).toContain('tls.key: (redacted)');
  await writeFile(join(dir.path, 'backup.yaml'), yaml.stdout);
  const back = await run('apply', '-f', 'backup.yaml');
  expect(back).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('apply the original text'),
  });
  for (const args of [
    ['describe', 'secret/site', '-n', 'istio-system'],
    ['history'],
    ['history', '1'],
    ['history', '2'],
    ['undo', '2', '--yes'],
    ['delete', 'secret', 'site', '-n', 'istio-system'],
    ['history', '4'],
  ])
    expect([args, (await run(...args)).exit]).toEqual([args, 0]);
  const all = said.join('\n');
  for (const line of [...first, ...second]) {
    expect(all).not.toContain(line);
    expect(all).not.toContain(Buffer.from(line).toString('base64').slice(0, 40));
  }
  expect(all).not.toContain('PRIVATE KEY');
});
