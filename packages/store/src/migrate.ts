// Brings a database to this Clover's schema, step by step, each step recorded when it is done.

import type { Engine } from './engine/engine.ts';
import { storeErrors } from './errors.ts';
import { statements as initial } from './migrations/0001-initial.ts';
import { statements as reports } from './migrations/0002-reports.ts';
import { statements as signals } from './migrations/0003-signals.ts';

/** In order; the number of a migration is its place, from 1. Never change one that was released: add the next. */
const MIGRATIONS: readonly { readonly name: string; readonly statements: readonly string[] }[] = [
  { name: '0001-initial', statements: initial },
  { name: '0002-reports', statements: reports },
  { name: '0003-signals', statements: signals },
];

export const SCHEMA = MIGRATIONS.length;

const LEDGER = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number UInt32, name String, applied DateTime('UTC') DEFAULT now()
) ENGINE = ReplacingMergeTree(applied) ORDER BY number`;

/**
 * Applies what is missing; a step that was cut off is done again (all statements are idempotent).
 * Throws `store.newer_schema` before it changes anything when the database is newer than this Clover.
 */
export async function migrate(engine: Engine): Promise<void> {
  await engine.ddl(LEDGER);
  const [row] = await engine.query<{ number: number }>(
    'SELECT toUInt32(max(number)) AS number FROM schema_migrations',
    {},
    { role: 'write' },
  );
  const found = row?.number ?? 0;
  if (found > SCHEMA) throw storeErrors.newerSchema(found, SCHEMA);
  for (const [index, migration] of MIGRATIONS.entries()) {
    const number = index + 1;
    if (number <= found) continue;
    for (const statement of migration.statements) await engine.ddl(statement);
    await engine.command(
      'INSERT INTO schema_migrations (number, name) SELECT {number:UInt32}, {name:String}',
      { number, name: migration.name },
    );
  }
}
