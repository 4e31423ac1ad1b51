// Migrations, owners of a directory, and what a kill leaves behind.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../src/index.ts';
import { batchOf } from './test-batch.ts';

const folders: string[] = [];
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'clover-migrate-'));
  folders.push(path);
  return path;
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

it('a store opens again with its data, and a newer schema is refused before anything changes', async () => {
  const dataDir = folder();
  const first = await openStore({ dataDir });
  await first.writeSpans(
    batchOf([
      {
        traceId: 'ab'.repeat(16),
        spanId: 'cd'.repeat(8),
        startUnixNano: BigInt(Date.now()) * 1_000_000n,
      },
    ]),
  );
  await first.close();
  const second = await openStore({ dataDir });
  expect(await second.select('SELECT toUInt32(count()) AS n FROM spans')).toEqual([{ n: 1 }]);
  await second.command(
    `INSERT INTO schema_migrations (number, name) VALUES (999, '0999-from-the-future')`,
  );
  await second.close();
  await expect(openStore({ dataDir })).rejects.toMatchObject({
    code: 'store.newer_schema',
    message: expect.stringContaining('999'),
  });
});

it('a lock of a process that is gone is taken over, an unreadable one too', async () => {
  const dataDir = folder();
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  for (const content of [`${gone.pid} 1\n`, 'garbage', '']) {
    writeFileSync(join(dataDir, 'clover.lock'), content);
    const store = await openStore({ dataDir });
    expect((await store.info()).schema).toBeGreaterThan(0);
    await store.close();
  }
});

it('a shorter retention is taken up when the store opens again', async () => {
  const dataDir = folder();
  await (await openStore({ dataDir, retention: { spansDays: 30 } })).close();
  const store = await openStore({ dataDir, retention: { spansDays: 3 } });
  const [table] = await store.select<{ ddl: string }>(
    `SELECT create_table_query AS ddl FROM system.tables WHERE database = currentDatabase() AND name = 'spans'`,
  );
  expect(table!.ddl).toContain('toIntervalDay(4)');
  await store.close();
});
