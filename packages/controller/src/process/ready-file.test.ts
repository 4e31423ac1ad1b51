import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { writeReadyFile } from './ready-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'clover-ready-file-'));
afterAll(() => rmSync(dir, { recursive: true }));
const content = { controller: 'http://127.0.0.1:1' };

test('a file is whole, alone, and gone afterwards', () => {
  const file = join(dir, 'ready.json');
  for (let round = 0; round < 2; round++) {
    const remove = writeReadyFile(file, content);
    expect(readFileSync(file, 'utf8')).toBe('{"controller":"http://127.0.0.1:1"}\n');
    expect(readdirSync(dir)).toEqual(['ready.json']);
    if (round > 0) remove();
  }
  expect(readdirSync(dir)).toEqual([]);
});

test('a link, such as those in /dev, is neither followed nor replaced', () => {
  const name = join(dir, 'link');
  for (const to of ['/dev/null', '/proc/self/fd/1', join(dir, 'elsewhere')]) {
    symlinkSync(to, name);
    expect(() => writeReadyFile(name, content)).toThrow('no file of its own');
    expect(readdirSync(dir)).toEqual(['link']);
    expect(lstatSync(name).isSymbolicLink()).toBe(true);
    rmSync(name);
  }
});

test('standard output has two names', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (const name of ['-', '/dev/stdout']) writeReadyFile(name, content)();
  const written = write.mock.calls.map(([text]) => text);
  write.mockRestore();
  expect(written).toEqual(Array(2).fill('{"controller":"http://127.0.0.1:1"}\n'));
});
