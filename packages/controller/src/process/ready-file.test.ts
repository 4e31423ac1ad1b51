import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeReadyFile } from './ready-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'clover-ready-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a file is whole, alone, and gone afterwards', () => {
  const file = join(dir, 'ready.json');
  for (let round = 0; round < 2; round++) {
    const remove = writeReadyFile(file, { controller: 'http://127.0.0.1:1' });
    expect(readFileSync(file, 'utf8')).toBe('{"controller":"http://127.0.0.1:1"}\n');
    expect(readdirSync(dir)).toEqual(['ready.json']);
    if (round > 0) remove();
  }
  expect(readdirSync(dir)).toEqual([]);
});

test('a device is written to and stays what it is', () => {
  const name = join(dir, 'device');
  symlinkSync('/dev/null', name);
  writeReadyFile(name, {})();
  expect(readdirSync(dir)).toEqual(['device']);
  expect(lstatSync(name).isSymbolicLink()).toBe(true);
});
