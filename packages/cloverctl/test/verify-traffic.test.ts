// The example's recordings through a real controller: what `verify` and `explain --trace` make of them.

import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startController, type RunOptions } from './support/cloverctl.ts';

const examples = new URL('../../../examples/traffic/', import.meta.url).pathname;
const record = (...args: string[]) =>
  spawnSync(process.execPath, ['record.mjs', ...args], {
    cwd: examples,
    encoding: 'utf8',
    maxBuffer: 1e9,
  }).stdout;
const verdictsIn = (stdout: string) =>
  Object.fromEntries(
    (
      JSON.parse(stdout) as {
        rules: { ruleName: string; checks: { kind: string; verdict: string }[] }[];
      }
    ).rules.map(({ ruleName, checks }) => [
      ruleName,
      checks.map(({ kind, verdict }) => `${kind} ${verdict}`),
    ]),
  );

describe('recorded traffic', () => {
  let controller: Awaited<ReturnType<typeof startController>>;
  const run = (args: readonly string[], options: RunOptions = {}) =>
    controller.run(args, { cwd: examples, ...options });
  beforeAll(async () => {
    controller = await startController();
  });
  afterAll(() => controller?.stop());

  it('passes when it obeys, and counts as undecided what nobody recorded', async () => {
    const recorded = record('--split', '70');
    expect((await run(['import', '-', '-q'], { stdin: recorded })).exit).toBe(0);
    const verified = await run([
      'verify',
      'traffic',
      '-f',
      'mesh',
      '--absent',
      'x-canary',
      '-o',
      'json',
    ]);
    expect([verified.exit, verdictsIn(verified.stdout)]).toEqual([
      0,
      {
        'old-paths': [],
        tests: [],
        everything: ['route pass'],
        canary: [],
        split: ['abort pass', 'route pass', 'weights pass', 'mirror pass'],
      },
    ]);
    const undecided = await run(['verify', 'traffic', '-f', 'mesh']);
    expect(undecided.exit).toBe(5);
    expect(undecided.stderr).toContain('2000 requests are undecided: x-canary was not recorded');
    const traceId = /"traceId":"(\w+)"/.exec(recorded)![1]!;
    const explained = await run(['explain', '-f', 'mesh', '--trace', traceId, '--absent', '*']);
    expect([explained.exit, explained.stdout]).toEqual([
      0,
      `istio-ingressgateway.istio-system  GET http://www.sdc.com/
  default/sdc-front everything: proxy-access-control.default.svc.cluster.local:9180
  as the rules say
proxy-access-control.default  GET http://http-lb:9180/
  default/http-lb split: http-lb.default.svc.cluster.local:9180 v1 70 %, http-lb.default.svc.cluster.local:9180 v2 30 %
  as the rules say
`,
    ]);
  });

  it('tells how many recorded requests a change would touch', async () => {
    const args = ['diff', '-f', 'mesh', '-f', 'mesh-new', '--traffic', '1h'];
    const touched = await run([...args, '--absent', 'x-canary', '--exit-code']);
    expect([touched.exit, touched.stderr]).toEqual([
      3,
      '2000 of 4000 recorded requests would meet something else\n',
    ]);
    expect(touched.stdout).toMatch(
      /^2000 requests of proxy-access-control\.default v1: GET http:\/\/http-lb:9180\/\n {4}destination: .* 70 % becomes 50 %\n/,
    );
    expect(touched.stdout).toMatch(/traces: \w{32}, \w{32}, \w{32}/);
    const unsure = await run(args);
    expect([unsure.exit, unsure.stderr]).toEqual([
      0,
      '0 of 4000 recorded requests would meet something else, 2000 undecided (x-canary not recorded)\n',
    ]);
    expect((await run(['diff', '-f', 'mesh', '-f', 'mesh', '--traffic', '1h'])).stderr).toBe(
      '0 of 4000 recorded requests would meet something else\n',
    );
  });

  it('is held against what is in force when no files are named', async () => {
    expect((await run(['apply', '-f', 'mesh'])).exit).toBe(0);
    const verify = ['verify', 'traffic', '--absent', 'x-canary', '-o', 'json'];
    const since = await run(verify);
    expect([since.exit, JSON.parse(since.stdout)]).toMatchObject([
      5,
      { requests: 0, inForce: { revision: 1, judged: 'sinceChange' } },
    ]);
    expect(since.stderr).toMatch(/^judged from \S+Z, when revision 1 came into force$/m);
    const across = await run([...verify, '--start', 'now-1h']);
    expect(across.exit).toBe(0);
    expect(across.stderr).toMatch(/^warning: revision 1 came into force at \S+Z: /m);
    const explained = await run(['explain', 'http://http-lb:9180/', '-o', 'json']);
    expect(JSON.parse(explained.stdout)).toMatchObject({ rule: { name: 'split' } });
    expect((await run(['diff', '-f', 'mesh-new', '--classes'])).stderr).toBe(
      '5 classes of requests would meet something else\n',
    );
    const one = await readFile(`${examples}mesh-new/http-lb.yaml`, 'utf8');
    const recorded = ['--traffic', '1h', '--absent', 'x-canary'];
    const applied = await run(['apply', '-f', '-', '--dry-run', ...recorded], { stdin: one });
    expect(applied.exit).toBe(0);
    expect(applied.stderr).toContain(
      '    destination: http-lb.default.svc.cluster.local:9180 v1: 70 % becomes 50 %\n',
    );
    expect(applied.stderr).toContain('2000 of 4000 recorded requests would meet something else\n');
  });

  it('fails when the split is another one, with its traces, in a table and as JUnit', async () => {
    expect((await run(['clear', 'visibility', '--yes'])).exit).toBe(0);
    await run(['import', '-', '-q'], { stdin: record('--split', '75', '--requests', '3000') });
    const args = ['verify', 'traffic', '-f', 'mesh', '--absent', 'x-canary'];
    const table = await run(args);
    expect(table.exit).toBe(3);
    expect(table.stdout).toMatch(/split +weights .* 70 % +7[456]\.\d+ % .*fail/);
    expect(table.stdout).toMatch(/split +abort .* 5 % .*pass/);
    expect(table.stderr).toMatch(
      /fail: default\/http-lb split, weights: cloverctl get trace \w{32}/,
    );
    const junit = await run([...args, '-o', 'junit']);
    expect(junit.stdout).toContain('<testsuites tests="8" failures="1" errors="0" skipped="3">');
  });

  it('is refused with the place of a broken resource, and inconclusive without requests', async () => {
    const broken = await run(['verify', 'traffic', '-f', '-'], {
      stdin:
        'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x}\nspec: {host: a}\n',
    });
    expect([broken.exit, broken.stderr]).toEqual([2, expect.stringContaining('-:4:8: ')]);
    const early = ['--start', '2020-01-01T00:00:00Z', '--end', '2020-01-01T01:00:00Z'];
    expect((await run(['verify', 'traffic', '-f', 'mesh', ...early])).exit).toBe(5);
  });
});
