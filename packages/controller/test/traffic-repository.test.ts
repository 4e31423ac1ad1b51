// The configuration on a real disk: what was acknowledged is there after any end of the process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CloverError } from '@clover/model';
import { FAULT_KIND } from '../src/mesh/repository/entry.ts';
import { openRepository, type RepositoryOptions } from '../src/mesh/repository/repository.ts';

const service = (name: string, port = 9180) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: ${port}, name: http}]}\n`;
const routes = (host: string, to = host) =>
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${host}}
spec:
  hosts: [${host}]
  http:
  - route: [{destination: {host: ${to}}}]
`;
const author = 'ann';
const file = (text: string) => [{ name: 'mesh.yaml', text }];

let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir('clover-traffic-');
});
afterEach(() => dir.remove());

const open = (more: Partial<RepositoryOptions> = {}) =>
  openRepository({
    folder: dir.path,
    registered: () => [],
    enforce: async () => ({ state: 'off', detail: '', tookMs: null }),
    ...more,
  });

describe('a repository', () => {
  it('keeps what was applied, who did it and why, and goes on with it', async () => {
    const first = await open();
    await first.apply(file(`${service('a')}---\n${routes('a')}`), { author, reason: 'begin' });
    await first.apply(file(service('a', 80)), { author, reason: 'port 80' });
    const again = await open();
    expect(again.revision).toBe(2);
    expect([...again.entries.values()]).toEqual([...first.entries.values()]);
    expect(again.headers.map(({ revision, author: by, reason }) => [revision, by, reason])).toEqual(
      [
        [1, 'ann', 'begin'],
        [2, 'ann', 'port 80'],
      ],
    );
    const [change] = await again.diff(1, 2);
    expect(change).toMatchObject({ kind: 'Service', name: 'a', action: 'configured' });
    expect(change!.diff).toBe(
      '--- a/Service/default/a\n+++ b/Service/default/a\n@@ -1,4 +1,4 @@\n apiVersion: v1\n kind: Service\n metadata: {name: a}\n-spec: {ports: [{port: 9180, name: http}]}\n+spec: {ports: [{port: 80, name: http}]}\n',
    );
  });

  it('refuses a bad configuration whole, with its place, and the old one stays', async () => {
    const repository = await open();
    await repository.apply(file(service('a')), { author });
    const bad = `${service('b')}---\n${routes('a').replace('route:', 'rout:')}`;
    await expect(repository.apply(file(bad), { author, force: true })).rejects.toMatchObject({
      code: 'traffic.refused',
      status: 422,
      issues: [{ at: 'mesh.yaml:12:5' }],
    });
    const nowhere = repository.apply(file(routes('a', 'aa')), { author });
    await expect(nowhere).rejects.toMatchObject({ code: 'traffic.refused' });
    expect(repository.revision).toBe(1);
    expect([...repository.entries.keys()]).toEqual(['Service/default/a']);
    const forced = await repository.apply(file(routes('a', 'aa')), { author, force: true });
    expect(forced.findings.some(({ code }) => code === 'CLV202')).toBe(true);
    // What was wrong before does not stand in the way of other changes.
    await repository.apply(file(service('c')), { author });
  });

  it('says what a dry run would change, and changes nothing', async () => {
    const repository = await open();
    const { changes } = await repository.apply(file(service('a')), { author, dryRun: true });
    expect(changes).toMatchObject([{ name: 'a', action: 'created' }]);
    expect(repository.revision).toBe(0);
    expect(await readdir(join(dir.path, 'revisions'))).toEqual([]);
  });

  it('takes a change only on top of the revision that it was made for', async () => {
    const repository = await open();
    await repository.apply(file(service('a')), { author, revision: 0 });
    await expect(
      repository.apply(file(service('b')), { author, revision: 0 }),
    ).rejects.toMatchObject({ code: 'traffic.conflict', status: 409 });
  });

  it('goes back to any revision, and back again', async () => {
    const repository = await open();
    await repository.apply(file(service('a', 1)), { author });
    await repository.apply(file(service('b')), { author });
    await repository.apply(file(service('a', 2)), { author });
    await repository.remove([{ kind: 'Service', namespace: 'default', name: 'b' }], { author });
    await repository.undo(2, { author });
    expect([...repository.entries.values()].map(({ name, text }) => [name, text])).toEqual([
      ['a', service('a', 1)],
      ['b', service('b')],
    ]);
    await repository.undo(undefined, { author });
    expect([...repository.entries.values()].map(({ text }) => text)).toEqual([service('a', 2)]);
    await repository.undo(0, { author });
    expect(repository.entries.size).toBe(0);
    await expect(repository.undo(99, { author })).rejects.toMatchObject({ status: 404 });
  });

  it('ends a fault that was the last change, and passes over none that is over', async () => {
    const repository = await open();
    await repository.apply(file(service('a', 1)), { author });
    await repository.apply(file(service('a', 2)), { author });
    const fault = { kind: FAULT_KIND, namespace: 'default', name: 'a' };
    await repository.putFault(fault, 'x', { author });
    expect((await repository.undo(undefined, { author })).changes).toMatchObject([
      { kind: FAULT_KIND, action: 'deleted' },
    ]);
    await expect(repository.undo(undefined, { author })).rejects.toMatchObject({
      code: 'traffic.fault_is_over',
      hint: expect.stringContaining('undo --to N'),
    });
    expect([...repository.entries.values()].map(({ text }) => text)).toEqual([service('a', 2)]);
  });

  it('goes back to nothing only when that is said', async () => {
    const repository = await open();
    await repository.apply(file(service('a')), { author });
    await expect(repository.undo(undefined, { author })).rejects.toMatchObject({
      code: 'traffic.leaves_nothing',
      status: 409,
    });
    expect((await repository.undo(undefined, { author, dryRun: true })).changes).toHaveLength(1);
    expect(repository.entries.size).toBe(1);
    await repository.undo(undefined, { author, all: true });
    expect(repository.entries.size).toBe(0);
  });

  it('keeps no more revisions than it may, and says how far it goes back', async () => {
    const repository = await open({ keepRevisions: 3 });
    for (let port = 1; port <= 10; port++)
      await repository.apply(file(service('a', port)), { author });
    expect(repository.headers.map(({ revision }) => revision)).toEqual([8, 9, 10]);
    expect(await readdir(join(dir.path, 'revisions'))).toHaveLength(3);
    await repository.undo(7, { author });
    await expect(repository.undo(6, { author })).rejects.toMatchObject({
      hint: 'those from 8 to 11 are kept',
    });
  });

  it('keeps nothing that the data plane refuses', async () => {
    let refuse = false;
    const repository = await open({
      enforce: async () => {
        if (refuse) throw new CloverError('proxy.listen_failed', 'taken', { status: 409 });
        return { state: 'applied', detail: '', tookMs: 1 };
      },
    });
    await repository.apply(file(service('a')), { author });
    refuse = true;
    await expect(repository.apply(file(service('b')), { author })).rejects.toThrow('taken');
    expect([(await open()).revision, repository.entries.size]).toEqual([1, 1]);
  });

  it('undoes in the data plane what could not be written', async () => {
    const enforced: number[] = [];
    const repository = await open({
      enforce: async (entries) => {
        enforced.push(entries.size);
        return { state: 'applied', detail: '', tookMs: 1 };
      },
    });
    await repository.apply(file(service('a')), { author });
    await rm(join(dir.path, 'revisions'), { recursive: true });
    await writeFile(join(dir.path, 'revisions'), '');
    await expect(repository.apply(file(service('b')), { author })).rejects.toMatchObject({
      code: 'mesh.journal_failed',
    });
    expect(enforced).toEqual([1, 2, 1]);
    expect(repository.revision).toBe(1);
  });

  it('says what is damaged and does not begin anew by itself', async () => {
    await (await open()).apply(file(service('a')), { author });
    await writeFile(join(dir.path, 'current.json'), '{"revision": 1, "ent');
    await expect(open()).rejects.toMatchObject({ code: 'mesh.damaged' });
  });

  it('makes up for a snapshot that is behind', async () => {
    const repository = await open();
    await repository.apply(file(service('a')), { author });
    await repository.apply(file(service('b')), { author });
    await rm(join(dir.path, 'current.json'));
    await writeFile(join(dir.path, 'revisions', '000000003.json.7.tmp'), '{"half');
    const again = await open();
    expect([...again.entries.keys()]).toEqual(['Service/default/a', 'Service/default/b']);
    expect(await readdir(join(dir.path, 'revisions'))).toHaveLength(2);
  });

  it('loses nothing that was acknowledged when it is killed', async () => {
    const program = fileURLToPath(new URL('fixtures/append-revisions.mjs', import.meta.url));
    let revision = 0;
    const ports = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [program, dir.path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.split('\n').length > 30 + round * 7) child.kill('SIGKILL');
      });
      await once(child, 'close');
      for (const line of text.split('\n').slice(0, -1)) {
        const [number, name, port] = line.split(' ') as [string, string, string];
        revision = Number(number);
        ports.set(name, port);
      }
      const again = await open();
      expect(revision).toBeGreaterThan(25);
      // One more may have been written without anybody being told.
      expect([revision, revision + 1]).toContain(again.revision);
      const at = await again.diff(revision, undefined);
      const told = new Set(at.map(({ name }) => name));
      for (const [name, port] of ports) {
        if (told.has(`s${name}`)) continue;
        expect(again.entries.get(`Service/default/s${name}`)!.text).toContain(`port: ${port},`);
      }
      expect(again.headers.length).toBeLessThanOrEqual(20);
    }
  });
});
