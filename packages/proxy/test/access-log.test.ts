import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tempDir, waitFor, type TempDir } from '@clover/test-support';
import { createAccessLog } from '../src/telemetry/access-log/access-log.ts';
import { createFileTarget } from '../src/telemetry/access-log/log-target.ts';
import { createLogWriter } from '../src/telemetry/access-log/log-writer.ts';
import { requestRecord } from './support/request-record.ts';

let dir: TempDir;
beforeEach(async () => {
  dir = await tempDir('clover-access-log-');
});
afterEach(() => dir.remove());

describe('access log', () => {
  it('writes a line for each request, and only those that went wrong when asked', async () => {
    const all = createAccessLog({ to: { path: join(dir.path, 'all.log') } });
    const wrong = createAccessLog({
      to: { path: join(dir.path, 'wrong.log') },
      format: { text: '%RESPONSE_CODE% %RESPONSE_FLAGS%' },
      onlyErrors: true,
    });
    for (const log of [all, wrong]) {
      log.log(requestRecord());
      log.log(requestRecord({ status: 503, responseFlags: 'UH' }));
      log.log(requestRecord({ status: 404 }));
      await log.close();
    }
    expect((await readFile(join(dir.path, 'all.log'), 'utf8')).trim().split('\n')).toHaveLength(3);
    expect(await readFile(join(dir.path, 'wrong.log'), 'utf8')).toBe('503 UH\n404 -\n');
    expect(all.stats()).toMatchObject({ writtenLines: 3, droppedLines: 0, pendingBytes: 0 });
  });

  it('keeps header bytes as they came', async () => {
    const path = join(dir.path, 'bytes.log');
    const log = createAccessLog({ to: { path }, format: { text: 'größe %REQ(USER-AGENT)%' } });
    const sent = Buffer.from([0xff, 0x41, 0xc3, 0xbc]);
    log.log(requestRecord({ userAgent: sent.toString('latin1') }));
    await log.close();
    const expected = Buffer.concat([Buffer.from('größe '), sent, Buffer.from('\n')]);
    expect(await readFile(path)).toEqual(expected);
  });

  it('begins a new file before one gets too large and keeps so many old ones', async () => {
    const path = join(dir.path, 'a.log');
    const writer = createLogWriter({
      target: createFileTarget({ path, maxFileBytes: 30, keptFiles: 2 }),
    });
    for (let n = 0; n < 8; n++) {
      writer.write(`line number ${n}\n`);
      await writer.flush();
    }
    await writer.close();
    const text = (name: string) => readFile(join(dir.path, name), 'utf8');
    expect(await text('a.log')).toBe('line number 6\nline number 7\n');
    expect(await text('a.log.1')).toBe('line number 4\nline number 5\n');
    expect(await text('a.log.2')).toBe('line number 2\nline number 3\n');
    expect(existsSync(`${path}.3`)).toBe(false);
  });

  it('never moves away a pipe or a device', async () => {
    const path = join(dir.path, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void reader.kill());
    const read = (async () => Buffer.concat(await reader.stdout.toArray()).toString())();
    const writer = createLogWriter({
      target: createFileTarget({ path, maxFileBytes: 30, keptFiles: 2 }),
    });
    await waitFor('the reader', async () => {
      writer.write('is anyone there?\n'); // refused until the pipe has its reader
      await writer.flush();
      return writer.stats().writtenLines > 0;
    });
    for (let n = 0; n < 8; n++) {
      writer.write(`line number ${n}\n`);
      await writer.flush();
    }
    await writer.close();
    expect((await read).endsWith('line number 6\nline number 7\n')).toBe(true);
    expect((await stat(path)).isFIFO()).toBe(true);
    expect(await readdir(dir.path)).toEqual(['pipe']);
  });

  it('goes on where it was when opened again, and follows logrotate', async () => {
    const path = join(dir.path, 'b.log');
    await writeFile(path, 'old\n');
    const writer = createLogWriter({ target: createFileTarget({ path }) });
    writer.write('one\n');
    await writer.flush();
    await rename(path, `${path}.moved`);
    writer.write('two\n');
    await writer.flush();
    await writer.reopen();
    writer.write('three\n');
    await writer.close();
    expect(await readFile(`${path}.moved`, 'utf8')).toBe('old\none\ntwo\n');
    expect(await readFile(path, 'utf8')).toBe('three\n');
    expect((await stat(path)).mode & 0o777 & 0o027).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))('drops and counts lines while the disk is full', async () => {
    const writer = createLogWriter({
      target: createFileTarget({ path: '/dev/full' }),
      retryMs: 1,
      maxPendingBytes: 1_000,
    });
    for (let n = 0; n < 100; n++) writer.write('a line that is twenty\n');
    expect(writer.stats().droppedLines).toBe(100 - Math.floor(1_000 / 22));
    await writer.flush();
    expect(writer.stats()).toMatchObject({
      writtenLines: 0,
      droppedLines: 100,
      pendingBytes: 0,
      lastError: 'ENOSPC',
    });
    await writer.close();
  });

  it('writes again when the folder is back', async () => {
    const folder = join(dir.path, 'sub');
    const writer = createLogWriter({
      target: createFileTarget({ path: join(folder, 'c.log') }),
      retryMs: 1,
    });
    writer.write('lost\n');
    await writer.flush();
    expect(writer.stats()).toMatchObject({ droppedLines: 1, lastError: 'ENOENT' });
    await mkdir(folder);
    writer.write('kept\n');
    await writer.close();
    expect(await readFile(join(folder, 'c.log'), 'utf8')).toBe('kept\n');
    expect(writer.stats()).toMatchObject({ writtenLines: 1, lastError: '' });
  });

  it('takes lines longer than a chunk', async () => {
    const path = join(dir.path, 'd.log');
    const writer = createLogWriter({ target: createFileTarget({ path }), chunkBytes: 100 });
    const long = `${'x'.repeat(1_000)}\n`;
    for (const line of ['a\n', long, 'b\n']) writer.write(line);
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(`a\n${long}b\n`);
  });

  it('is not held up by a reader of standard output that stands still, nor held back from ending', async () => {
    const program = join(dir.path, 'program.mjs');
    const url = new URL('./support/stdout-log.ts', import.meta.url).pathname;
    await bundle(url, program);
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    let report = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (report += text));
    // Standard output is read only when the program has ended.
    child.stdout.pause();
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(0);
    const { lines, stats } = JSON.parse(report) as {
      lines: number;
      stats: { writtenLines: number; droppedLines: number };
    };
    expect(stats.droppedLines).toBeGreaterThan(0);
    expect(stats.writtenLines + stats.droppedLines).toBe(lines);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    child.stdout.resume();
    await waitFor('the end of its output', () => child.stdout.readableEnded);
    const whole = text.split('\n').filter((line) => line.startsWith('[') && line.endsWith('"'));
    expect(whole.length).toBeGreaterThanOrEqual(stats.writtenLines);
    await rm(program);
  });
});

/** Node 20 runs no TypeScript. */
async function bundle(from: string, to: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@clover/source', 'node'] },
    ssr: { noExternal: true, resolve: { conditions: ['@clover/source', 'node'] } },
    build: {
      ssr: true,
      outDir: join(to, '..', 'out'),
      rollupOptions: { input: from, output: { entryFileNames: 'program.mjs' } },
    },
  });
  await rename(join(to, '..', 'out', 'program.mjs'), to);
}
