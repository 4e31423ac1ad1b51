// Resources, their history, fault switches and workloads: the real programs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startController } from './support/cloverctl.ts';

const MESH = `apiVersion: v1
kind: Service
metadata: {name: http-lb}
spec: {ports: [{port: 9180, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: lb}
spec:
  hosts: [http-lb]
  http:
  - timeout: 2s
    route: [{destination: {host: http-lb}}]
`;

let clover: Awaited<ReturnType<typeof startController>>;
let dir: TempDir;
const run = (...args: string[]) => clover.run(args, { cwd: dir.path });

beforeAll(async () => {
  [clover, dir] = await Promise.all([startController(['--no-demo']), tempDir('cloverctl-mesh-')]);
  await mkdir(join(dir.path, 'mesh'));
  await writeFile(join(dir.path, 'mesh/sdc.yaml'), MESH);
});
afterAll(async () => {
  await clover?.stop();
  await dir?.remove();
});

describe('resources', () => {
  it('are applied whole, after what changes was shown', async () => {
    const dry = await run('apply', '-f', 'mesh', '--dry-run');
    expect(dry).toMatchObject({
      exit: 0,
      stdout: 'service/http-lb created (dry run)\nvirtualservice/lb created (dry run)\n',
    });
    expect(dry.stderr).toContain('+++ b/VirtualService/default/lb\n');
    const applied = await run('apply', '-f', 'mesh', '--reason', 'begin');
    expect(applied).toMatchObject({
      exit: 0,
      stdout: 'service/http-lb created\nvirtualservice/lb created\n',
      stderr: expect.stringMatching(/^--- \/dev\/null\n[^]*\nrevision 1, not in force: /),
    });
    expect((await run('apply', '-f', 'mesh')).stdout).toBe(
      'service/http-lb unchanged\nvirtualservice/lb unchanged\n',
    );
  });

  it('that are wrong change nothing and say where', async () => {
    await writeFile(join(dir.path, 'bad.yaml'), MESH.replace('timeout', 'timeuot'));
    expect(await run('apply', '-f', 'bad.yaml')).toEqual({
      exit: 1,
      stdout: '',
      stderr:
        'cloverctl: an error in the resources, nothing was changed\n  did you mean timeout?\n  bad.yaml:12:5: CLV110 unknown field timeuot (did you mean timeout?)\n',
    });
  });

  it('are listed by any word for their kind, and come back as they were written', async () => {
    for (const word of ['virtualservices', 'virtualservice', 'vs'])
      expect((await run('get', word)).stdout).toMatch(/^lb {2}mesh {2}http-lb {2}0 {2}\d{4}-/);
    expect((await run('get', 'vs', 'lb', '-o', 'yaml')).stdout).toBe(MESH.split('---\n')[1]);
    expect((await run('get', 'resources', '-o', 'name')).stdout).toBe(
      'service/http-lb\nvirtualservice/lb\n',
    );
    const list = await run('get', 'vs', '-o', 'json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      kind: 'List',
      items: [{ kind: 'VirtualService', spec: { hosts: ['http-lb'] } }],
    });
    expect(await run('get', 'vs', 'none')).toMatchObject({
      exit: 1,
      stderr: 'there is no VirtualService none in default\n',
    });
  });

  it('are compared with files, changed and changed back', async () => {
    await writeFile(join(dir.path, 'new.yaml'), MESH.replace('2s', '3s'));
    expect(await run('diff', '-f', 'new.yaml')).toEqual({
      exit: 3,
      stdout:
        '--- a/VirtualService/default/lb\n+++ b/VirtualService/default/lb\n@@ -4,5 +4,5 @@\n spec:\n   hosts: [http-lb]\n   http:\n-  - timeout: 2s\n+  - timeout: 3s\n     route: [{destination: {host: http-lb}}]\n',
      stderr: '',
    });
    expect((await run('apply', '-f', 'new.yaml')).exit).toBe(0);
    expect((await run('diff', '-f', 'new.yaml')).exit).toBe(0);
    expect((await run('undo')).stdout).toBe('virtualservice/lb configured\n');
    expect((await run('diff', '-f', 'mesh')).exit).toBe(0);
    const history = await run('history', '--resource', 'vs/lb');
    expect(history.stdout.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
      '3',
      '2',
      '1',
      '',
    ]);
    expect((await run('history', '2')).stdout).toContain('+  - timeout: 3s\n');
    expect((await run('describe', 'vs/lb')).stdout).toContain('undo by local: back to revision 1');
  });

  it('are taken back by name of the change, and never in place of one that was refused', async () => {
    const before = await run('history', '-o', 'name');
    const last = Number(before.stdout.split('\n')[0]);
    expect((await run('apply', '-f', 'bad.yaml')).exit).toBe(1);
    const undone = await run('undo');
    expect(undone).toMatchObject({ exit: 1, stdout: '' });
    expect(undone.stderr).toMatch(/^cloverctl: the last apply, \d+ s ago, was refused/);
    expect(undone.stderr).toContain(`\`undo ${last}\` takes back the change before it`);
    expect(await run('undo', String(last - 1))).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(`is not the last change, ${last} is`),
    });
    const named = await run('undo', String(last), '--dry-run', '-q');
    expect(named).toMatchObject({ exit: 0, stdout: 'virtualservice/lb configured (dry run)\n' });
    expect(named.stderr).toMatch(
      new RegExp(
        `^the last change is revision ${last}, undo by local \\d+ s ago: virtualservice/lb`,
      ),
    );
    expect((await run('undo', String(last))).exit).toBe(0);
    expect((await run('undo')).exit).toBe(0);
  });

  it('are removed by name or by file', async () => {
    const refused = await run('delete', 'ksvc', 'http-lb');
    expect(refused).toMatchObject({ exit: 1, stderr: expect.stringContaining('CLV202') });
    expect((await run('delete', '-f', 'mesh')).stdout).toBe(
      'service/http-lb deleted\nvirtualservice/lb deleted\n',
    );
    expect((await run('undo')).exit).toBe(0);
    expect((await run('delete', 'vss', 'lb')).stderr).toContain('did you mean vs?');
  });
});

describe('fault switches', () => {
  it('are on until their time is over or somebody ends them', async () => {
    const on = 'fault inject --service http-lb --abort 503 --percent 10 --for 5m'.split(' ');
    expect((await run(...on)).stdout).toBe('fault/http-lb created\n');
    expect((await run('get', 'faults')).stdout).toMatch(
      /^http-lb {2}503 {2}- {2}10\.0 % {2}.*lb http\[0\]\n$/,
    );
    expect((await run('fault', 'end', '--service', 'http-lb')).stdout).toBe(
      'fault/http-lb deleted\n',
    );
    const after = await run('undo');
    expect(after).toMatchObject({ exit: 1, stdout: '' });
    expect(after.stderr).toContain('fault end');
    expect((await run(...on)).exit).toBe(0);
    expect((await run('undo')).stdout).toBe('fault/http-lb deleted\n');
    expect(await run('fault', 'end', '--service', 'http-lb')).toMatchObject({
      exit: 1,
      stderr:
        'cloverctl: no fault is on for default/http-lb\n  `get faults` lists those that are on\n',
    });
    const short = 'fault inject --service http-lb --delay 1s --for 1s'.split(' ');
    expect((await run(...short)).exit).toBe(0);
    await expect
      .poll(async () => (await run('get', 'faults')).stdout, { timeout: 20_000 })
      .toBe('');
    expect((await run('history')).stdout).toMatch(
      /fault {2,}clover {2,}fault\/http-lb {2,}its time was over/,
    );
  });
});

it('fault switches are refused for a name that nobody has, and take the one that spans have', async () => {
  const inject = (...words: string[]) => run('fault', 'inject', '--for', '5m', ...words);
  expect(await inject('--service', 'http-lp', '--abort', '503')).toMatchObject({
    exit: 1,
    stderr: 'cloverctl: no service and no rule has the name http-lp\n  did you mean http-lb?\n',
  });
  expect((await inject('--service', 'http-lb', '--abort', '999')).stderr).toBe(
    'cloverctl: --abort takes a status from 200 to 599, not 999\n',
  );
  const on = await inject('--service', 'http-lb.default', '--abort', '503');
  expect(on.stdout).toBe('fault/http-lb created\n');
  expect((await run('fault', 'end', '--service', 'http-lb.default')).stdout).toBe(
    'fault/http-lb deleted\n',
  );
  expect(await run('get', 'service', 'http-lb')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('get services --service http-lb'),
  });
});

describe('mesh run', () => {
  const server =
    'require("http").createServer((q,s)=>s.end("hello")).listen(process.env.PORT,"127.0.0.1",()=>console.log("up"));process.on("SIGINT",()=>process.exit(7))';

  it('runs a program in the mesh, and takes it out when it ends', async () => {
    const words = ['mesh', 'run', '--service', 'http-lb', '--label', 'version=v1'];
    const running = clover.run(
      [
        ...words,
        '--port',
        '9180',
        '--',
        process.execPath,
        '-e',
        server.replace(',"127.0.0.1"', ''),
      ],
      {
        signalAfterMs: 6000,
      },
    );
    await expect
      .poll(async () => (await run('get', 'workloads')).stdout, { timeout: 20_000 })
      .toMatch(/^http-lb-v1-0 {2}http-lb {2}version=v1 {2}9180->127\.0\.0\.1:\d+ {2}yes /);
    const ended = await running;
    expect(ended).toMatchObject({ exit: 7, stdout: 'up\n' });
    expect((await run('get', 'workloads')).stdout).toBe('');
  });

  it('gives the program’s own exit code, and says when there is no such program', async () => {
    const one = await run(
      'mesh',
      'run',
      '--service',
      'a',
      '--',
      process.execPath,
      '-e',
      'process.exit(9)',
    );
    expect(one.exit).toBe(9);
    const none = await run('mesh', 'run', '--service', 'a', '--', '/nonexistent/program');
    expect(none).toMatchObject({ exit: 2, stderr: expect.stringContaining('cannot be started') });
    expect((await run('get', 'workloads')).stdout).toBe('');
  });
});

it('mesh run says when a program ends that never listened where it was told to', async () => {
  const words = ['mesh', 'run', '--service', 'a', '--port', '9180', '--', process.execPath, '-e'];
  const ended = await run(...words, 'process.exit(3)');
  expect(ended.exit).toBe(3);
  expect(ended.stderr).toMatch(/it never listened on port \d+ \(PORT\), so no request could come/);
});

describe('mesh add', () => {
  it('takes a program in until it is removed', async () => {
    const added = await run(
      'mesh',
      'add',
      '--service',
      'db',
      '--port',
      '5432',
      '--protocol',
      'tcp',
    );
    expect(added).toMatchObject({ exit: 0, stderr: 'default/db-0 is in the mesh\n' });
    expect((await run('get', 'wl', '-o', 'name')).stdout).toBe('default/db-0\n');
    expect((await run('mesh', 'remove', 'db-0')).exit).toBe(0);
    expect((await run('mesh', 'remove', 'db-0')).stderr).toContain('there is no workload');
  });
});

it('`mesh wait` and `mesh gateway` say what is missing', async () => {
  expect(await run('mesh', 'wait', 'nobody-0', '--within', '1s')).toMatchObject({
    exit: 1,
    stdout: '',
    stderr: expect.stringContaining('nobody-0 is not in the mesh after 1s'),
  });
  expect(await run('mesh', 'gateway')).toMatchObject({
    exit: 1,
    stdout: '',
    stderr: expect.stringContaining('start Clover with --mesh'),
  });
});
