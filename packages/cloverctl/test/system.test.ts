// The sample system started and ended at run time: cloverctl, controller, its mesh and its programs.

import type {
  SampleSystem,
  SampleSystemChanged,
  SourcesAnswer,
  WorkloadsAnswer,
} from '@clover/model';
import { waitFor } from '@clover/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { startController } from './support/cloverctl.ts';

let clover: Awaited<ReturnType<typeof startController>>;
afterEach(() => clover?.stop());

const ask = async <Answer>(path: string, method = 'GET') =>
  (await fetch(`${clover.url}/api/v1${path}`, { method })).json() as Promise<Answer>;
const json = async <Answer>(...words: string[]) => {
  const ran = await clover.run([...words, '-o', 'json']);
  expect(ran).toMatchObject({ exit: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Answer;
};
const workloads = async () => (await ask<WorkloadsAnswer>('/mesh/workloads')).items.length;
const scraped = async () =>
  (await ask<SourcesAnswer>('/sources')).items.filter(({ id }) => id.startsWith('scrape:')).length;
const resourceNames = async () =>
  (await clover.run(['get', 'resources', '-A', '-o', 'name'])).stdout.split('\n').filter(Boolean);
const catalog = async (front: string | null) => (await fetch(`${front}/catalog`)).status;

/** It starts with all its programs at once, and slowly where there is much to do. */
const isUp = ({ front }: SampleSystem) =>
  waitFor('its front', async () => (await catalog(front)) === 200, { timeoutMs: 60_000 });

describe('a controller with --demo', { timeout: 180_000 }, () => {
  it('ends its system, keeps what was changed or is needed, and starts it again', async () => {
    clover = await startController(['--demo', '--demo-rate=20']);
    const before = await json<SampleSystem>('get', 'system');
    expect(before).toMatchObject({ state: 'running', inMesh: true });
    await isUp(before);
    const [programs, members, targets] = [
      before.programs.length,
      await workloads(),
      await scraped(),
    ];
    const all = await resourceNames();
    expect(members).toBeGreaterThan(8);

    // One that is changed, and one that needs another of the sample.
    const changed = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: proxy-access-control}
spec: {hosts: [proxy-access-control], http: [{route: [{destination: {host: proxy-access-control}}], timeout: 7s}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: mine}
spec: {hosts: [mine.example.com], http: [{route: [{destination: {host: http-lb, subset: v1}}]}]}
`;
    expect(await clover.run(['apply', '-f', '-'], { stdin: changed })).toMatchObject({ exit: 0 });
    expect(await clover.run(['delete', 'system'])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('add --yes'),
    });
    expect(await clover.run(['delete', 'system', '--yes', '--dry-run'])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("unknown option '--dry-run'"),
    });
    const ended = await clover.run(['delete', 'system', '--yes']);
    expect(ended).toMatchObject({ exit: 0, stdout: 'the sample system is stopped\n' });
    expect(ended.stderr).toContain('Gateway default/sdc-gateway removed\n');
    expect(ended.stderr).toContain(
      'VirtualService default/proxy-access-control kept: it is not as the sample has it\n',
    );
    expect(ended.stderr).toContain(
      'DestinationRule default/http-lb kept: other resources need it\n',
    );
    expect(await resourceNames()).toEqual(
      expect.arrayContaining([expect.stringMatching(/mine/), expect.stringMatching(/http-lb/)]),
    );
    expect(await workloads()).toBe(0);
    expect(await scraped()).toBe(targets - programs);
    expect(await json('get', 'system')).toEqual({
      state: 'stopped',
      inMesh: true,
      front: null,
      programs: [],
      since: null,
    });

    const again = await clover.run(['delete', 'system', '--yes']);
    expect(again.stderr).toContain('it was so already');

    // Two at once: one starts it, the other finds it running.
    const both = await Promise.all([
      ask<SampleSystemChanged>('/system', 'POST'),
      ask<SampleSystemChanged>('/system', 'POST'),
    ]);
    expect(both.map((one) => one.changed)).toEqual([true, false]);
    const after = both[1].system;
    expect(after).toMatchObject({ state: 'running', inMesh: true });
    expect(after.programs).toHaveLength(programs);
    expect(await workloads()).toBe(members);
    expect(await scraped()).toBe(targets);
    expect(await resourceNames()).toEqual(expect.arrayContaining(all));
    await isUp(after);
    expect(await clover.run(['stop', 'ids'])).toMatchObject({ exit: 0 });
  });
});

describe('a controller without --demo', { timeout: 180_000 }, () => {
  it('starts and ends the system, with resources that stay when that is wanted', async () => {
    clover = await startController(['--mesh']);
    expect(await clover.run(['get', 'system'])).toMatchObject({
      exit: 0,
      stdout: 'the sample system is stopped\n',
    });
    const started = await json<SampleSystemChanged>('create', 'system');
    expect(started).toMatchObject({ changed: true, system: { state: 'running' } });
    const { resources, system } = started;
    expect(new Set(resources.map(({ state }) => state))).toEqual(new Set(['applied']));
    await isUp(system);
    const ended = await json<SampleSystemChanged>('delete', 'system', '--keep-resources');
    expect(ended).toMatchObject({ changed: true, resources: [] });
    expect(await resourceNames()).toHaveLength(resources.length);
    expect(await workloads()).toBe(0);
  });
});
