import { gzipSync } from 'node:zlib';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempDir, type TempDir } from '@clover/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RANGE, shopSpans } from './spans.ts';
import { runCloverctl, startController } from './support/cloverctl.ts';

let clover: Awaited<ReturnType<typeof startController>>;
let dir: TempDir;

beforeAll(async () => {
  [clover, dir] = await Promise.all([startController(['--no-demo']), tempDir('cloverctl-files-')]);
  await writeFile(join(dir.path, 'shop.json.gz'), gzipSync(shopSpans()));
});
afterAll(async () => {
  await clover?.stop();
  await dir?.remove();
});

describe('cloverctl', () => {
  it('brings in files and stdin, and says what each held', async () => {
    const cwd = dir.path;
    await writeFile(join(cwd, 'bad.json'), '{"resourceSpans": [');
    const files = await clover.run(['import', 'shop.json.gz', '-'], { cwd, stdin: shopSpans() });
    expect(files).toEqual({
      exit: 0,
      stdout:
        'shop.json.gz  otlp  12  4  0  2  0  2026-03-01T12:00:01.000Z  2026-03-01T12:00:04.020Z\n' +
        '-             otlp  12  4  0  2  0  2026-03-01T12:00:01.000Z  2026-03-01T12:00:04.020Z\n',
      stderr: '',
    });
    const mixed = await clover.run(['import', 'bad.json', 'shop.json.gz', 'none.json'], { cwd });
    expect(mixed.exit).not.toBe(0);
    expect(mixed.stderr).toMatch(/^cloverctl: bad\.json: /);
    expect(mixed.stderr).toContain('cloverctl: none.json: there is no such file');
    expect(mixed.stdout).toContain('shop.json.gz  otlp');
  });

  it('counts what came twice once', async () => {
    expect(await clover.run(['get', 'services', ...RANGE])).toEqual({
      exit: 0,
      stdout:
        'shop  v1  4  0.00667/s  25.0 %  60.0 ms  60.0 ms  60.0 ms\n' +
        'web   v1  4  0.00667/s  25.0 %   100 ms   100 ms   100 ms\n',
      stderr: '',
    });
  });

  it('shows rates, latencies and the overview, as tables and as the API gives them', async () => {
    const rates = await clover.run(['get', 'rates', '--by', 'edge', ...RANGE]);
    expect(rates).toMatchObject({ exit: 0, stderr: '' });
    expect(rates.stdout).toMatch(/^web → shop {2}0\.00667\/s {2}\S+\/s {2}25\.0 % {2}/);
    const steps = JSON.parse(
      (await clover.run(['get', 'rates', '--step', '1m', '-o', 'json', ...RANGE])).stdout,
    );
    expect(steps).toMatchObject({ stepMs: 60_000, series: [{ key: 'shop' }, { key: 'web' }] });
    const latency = await clover.run(['get', 'latency', 'shop', ...RANGE]);
    expect(latency.stdout).toContain('p95  60.0 ms\n');
    expect(latency.stdout).toContain('\n60.6 ms  4  25.0 %\n');
    const both = JSON.parse(
      (await clover.run(['get', 'latency', '-o', 'json', '--service', 'shop', ...RANGE])).stdout,
    );
    expect(
      both.histogram.buckets.reduce((sum: number, one: { count: number }) => sum + one.count, 0),
    ).toBe(4);
    expect(both.heatmap.counts.flat().reduce((sum: number, one: number) => sum + one, 0)).toBe(4);
    const overview = await clover.run(['get', 'overview', ...RANGE]);
    expect(overview.stdout).toContain('from outside  0.00667/s  4 requests\n');
    expect(overview.stdout).toContain('every hop     0.0133/s  8 requests\n');
    expect(overview.stdout).toContain('nothing to compare with');
  });

  it('draws the graph', async () => {
    expect((await clover.run(['graph', ...RANGE])).stdout).toBe(
      'web              0.00667/s  25.0 %   100 ms   100 ms  0  v1\n' +
        '└─ shop    http  0.00667/s  25.0 %  60.0 ms  60.0 ms  0  v1\n',
    );
    expect((await clover.run(['graph', ...RANGE, '-o', 'mermaid'])).stdout).toBe(
      'flowchart LR\n  n0["shop"]\n  n1["web"]\n  n1 -->|"0.00667/s, 25.0 % errors, p95 60.0 ms"| n0\n',
    );
  });

  it('shows a trace with its critical path, as wide as the terminal', async () => {
    const { exit, stdout } = await clover.run(['get', 'trace', '4'.padStart(32, '0')], {
      env: { COLUMNS: '80' },
    });
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: [
        'trace 00000000000000000000000000000004  web GET /  2026-03-01T12:00:04.000Z  100 ms  3 spans  3 errors',
        '',
        '                           0              50.0 ms        100 ms',
        'web GET /                  ━━━━────────────────────────────━━━━    100 ms  503',
        '└─ web GET                    ━━━━─────────────────────━━━━       80.0 ms  503',
        '  └─ shop GET /items/{id}         ━━━━━━━━━━━━━━━━━━━━━━          60.0 ms  503',
        '',
        'SERVICE  SPANS  OWN TIME  ON CRITICAL PATH   SHARE',
        'shop         1   60.0 ms           60.0 ms  60.0 %',
        'web          2   40.0 ms           40.0 ms  40.0 %',
        '',
      ].join('\n'),
    });
  });

  it.each(['json', 'yaml'])('gives the API’s own object as %s', async (output) => {
    const { stdout } = await clover.run(['get', 'services', ...RANGE, '-o', output]);
    const { parse } = await import('yaml');
    const answer = parse(stdout) as { items: { service: string; requests: number }[] };
    expect(answer.items.map(({ service, requests }) => [service, requests])).toEqual([
      ['shop', 4],
      ['web', 4],
    ]);
  });

  it('gives names for other commands', async () => {
    const { stdout } = await clover.run([
      'get',
      'traces',
      ...RANGE,
      '--status',
      'error',
      '-o',
      'name',
    ]);
    expect(stdout).toBe('00000000000000000000000000000004\n');
  });

  it('says on stderr what was cut, and keeps stdout for data', async () => {
    expect(await clover.run(['get', 'services', ...RANGE, '--limit', '1', '-o', 'name'])).toEqual({
      exit: 0,
      stdout: 'shop\n',
      stderr: 'note: cut at 1 of 2; --limit takes more\n',
    });
  });

  it('answers checks by its exit code: 3 negative, 5 inconclusive, 0 good', async () => {
    const exit = async (args: string[]) => (await clover.run(args)).exit;
    expect(await exit(['get', 'lost', ...RANGE, '--check'])).toBe(0);
    expect(await exit(['get', 'lost', '--since', '1m', '--check'])).toBe(5);
    const sides = ['compare', '--a', 'service=shop', '--b', 'service=web', ...RANGE, '--check'];
    expect(await exit(sides)).toBe(5);
  });

  it('works through the original’s verbs and files', async () => {
    const examples = fileURLToPath(new URL('../../../examples/visibility', import.meta.url));
    const run = (args: string[]) => clover.run(args, { cwd: examples });
    expect((await run(['init', 'visibility'])).exit).toBe(0);
    const set = await run(['set', 'visibility', '-f', 'metrics.yaml']);
    expect(set.exit).toBe(0);
    expect(set.stdout).toContain('services        proxy_access_control, clover_server1');
    const started = await run(['start', 'visibility', '-f', 'visibility.yaml', '-o', 'json']);
    expect(JSON.parse(started.stdout)).toMatchObject({
      running: true,
      sampleIntervalSeconds: 2,
      jaeger: { url: 'http://tracing.istio-system:80' },
      prometheus: { url: 'http://prometheus.istio-system:9090' },
    });
    expect(
      (await run(['get', 'visibility', 'metrics', '-o', 'name'])).stdout.split('\n'),
    ).toContain(
      'envoy_cluster_inbound_9180__clover_server1_default_svc_cluster_local_upstream_cx_active',
    );
    expect((await run(['get', 'visibility', 'stats'])).exit).toBe(0);
    expect((await run(['stop', 'visibility'])).stdout).toContain('pull            stopped');
  });

  it('names the place of a mistake in a file', async () => {
    expect(await clover.run(['set', 'visibility', '-f', '-'], { stdin: 'servces: []\n' })).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'cloverctl: <stdin>:1:1: unknown key "servces"; did you mean "services"?\n',
    });
  });

  it('does not clear without being asked twice', async () => {
    expect(await clover.run(['clear', 'visibility'])).toEqual({
      exit: 2,
      stdout: '',
      stderr:
        'cloverctl: this cannot be undone and there is no terminal to ask\n  add --yes if you mean it\n',
    });
    expect((await clover.run(['get', 'services', ...RANGE, '-o', 'name'])).stdout).toBe(
      'shop\nweb\n',
    );
  });

  it('repeats with --watch until it is interrupted', async () => {
    const watched = await clover.run(
      ['get', 'services', ...RANGE, '-w', '--interval', '200ms', '-o', 'json'],
      { signalAfterMs: 4000 },
    );
    expect(watched.exit).toBe(130);
    const answers = watched.stdout.trimEnd().split('\n');
    expect(answers.length).toBeGreaterThan(1);
    for (const line of answers) expect(JSON.parse(line)).toHaveProperty('items');
  });

  it('writes rounds of top as lines in a pipe', async () => {
    const { exit, stdout } = await clover.run(['top', ...RANGE, '--count', '1', '--sort', 'name']);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      '2026-03-01T12:10:00.000Z  shop  0.00667/s  25.0 %  60.0 ms  60.0 ms  60.0 ms\n' +
        '2026-03-01T12:10:00.000Z  web   0.00667/s  25.0 %   100 ms   100 ms   100 ms\n',
    );
  });

  it('completes words, and services by asking for them', async () => {
    const now = shopSpans(Date.now() - 60_000);
    expect((await clover.run(['import', '-', '-q'], { stdin: now })).exit).toBe(0);
    const { stdout } = await clover.run(['complete', '--', 'get', 'urls', '--service', '']);
    expect(stdout.split('\n').toSorted()).toEqual(['', ':4', 'shop\t', 'web\t']);
    const file = await clover.run(['complete', '--', 'import', 'sh'], { cwd: dir.path });
    expect(file.stdout).toBe('shop.json.gz\t\n:4\n');
    const verbs = await clover.run(['complete', '--', 'g']);
    expect(verbs.stdout).toContain('get\t');
    expect(verbs.stdout).toContain('graph\t');
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await clover.run(['completion', shell])).stdout).toContain('cloverctl');
  });
});

describe('cloverctl without a controller', () => {
  const nobody = ['--server', 'http://127.0.0.1:9'];

  it('fails with what to do', async () => {
    expect(await runCloverctl(['get', 'services', ...nobody])).toEqual({
      exit: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^cloverctl: cannot reach http:\/\/127\.0\.0\.1:9 .*\n {2}is Clover running there\?/,
      ),
    });
  });

  it.each([
    [['get', 'servces'], "unknown command 'servces'", 'did you mean services?'],
    [['gt'], "unknown command 'gt'", 'did you mean get?'],
    [['get', 'services', '--sinc', '1h'], "unknown option '--sinc'", 'did you mean --since?'],
    [
      ['get', 'services', '-o', 'xml'],
      "option '-o, --output <FORM>' argument 'xml' is invalid. Allowed choices are table, wide, json, yaml, name.",
      '`cloverctl help get services` says more',
    ],
    [
      ['compare', '--a', 'v1', ...nobody],
      '--a v1: neither a filter nor a window',
      'write version=v2, or now-2h..now-1h',
    ],
    [['help', 'exit-cods'], 'there is no help for "exit-cods"', 'did you mean exit-codes?'],
    [
      ['get', 'services', '--limit', '0', ...nobody],
      '--limit takes a whole number above 0, not "0"',
      undefined,
    ],
  ])('%j is a mistake, exit code 2, and the nearest is named', async (args, message, hint) => {
    const { exit, stdout, stderr } = await runCloverctl(args);
    expect({ exit, stdout, stderr }).toEqual({
      exit: 2,
      stdout: '',
      stderr: `cloverctl: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`,
    });
  });

  it('lists its exit codes and answers --help for everything', async () => {
    expect((await runCloverctl(['help', 'exit-codes'])).stdout).toContain('  130  interrupted');
    for (const args of [
      ['--help'],
      ['get', '--help'],
      ['get', 'traces', '-h'],
      ['help', 'import'],
      [],
    ]) {
      const { exit, stdout, stderr } = await runCloverctl(args);
      expect([args, exit, stderr]).toEqual([args, 0, '']);
      expect(stdout).toContain('Usage');
    }
  });

  it('says which nouns a verb has, on stderr, when there is none', async () => {
    const { exit, stdout, stderr } = await runCloverctl(['get']);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('get trace ID');
  });

  it('tells its own version', async () => {
    const asked = await runCloverctl(['version', '--client']);
    expect(await runCloverctl(['--version'])).toEqual(asked);
    expect((await runCloverctl(['version', '--client'])).stdout).toMatch(
      /^cloverctl {2}\d+\.\d+\.\d+ \(Node\.js v/,
    );
  });

  it('is kubectl’s plugin under that name', async () => {
    const bin = await tempDir('kubectl-');
    const program = join(bin.path, 'kubectl-clover');
    await symlink(fileURLToPath(new URL('../dist/main.js', import.meta.url)), program);
    const { stdout } = await runCloverctl(['get', '--help'], { program });
    expect(stdout).toContain('Usage  kubectl clover get NOUN');
    await bin.remove();
  });

  it('says where each setting came from', async () => {
    const home = await tempDir('home-');
    await mkdir(join(home.path, '.config/clover'), { recursive: true });
    await writeFile(join(home.path, '.config/clover/config.yaml'), 'token: secret\n');
    await writeFile(
      join(home.path, 'clover.yaml'),
      'port: 1\ncloverctl:\n  server: http://127.0.0.1:9\n',
    );
    await mkdir(join(home.path, 'deep/er'), { recursive: true });
    const { exit, stdout } = await runCloverctl(['config', 'view', '--show-origin', '--client'], {
      env: { HOME: home.path, CLOVER_SINCE: '1h' },
      cwd: join(home.path, 'deep/er'),
    });
    expect({ exit, stdout: stdout.replaceAll(home.path, '~') }).toEqual({
      exit: 0,
      stdout:
        'cloverctl  server  http://127.0.0.1:9  file         ~/clover.yaml:3:3\n' +
        'cloverctl  token   ********            user-file    ~/.config/clover/config.yaml:1:1\n' +
        'cloverctl  output  -                   default      -\n' +
        'cloverctl  since   1h                  environment  CLOVER_SINCE\n',
    });
    await home.remove();
  });
});
