// Resources are written once: spans carry the hash of theirs.

import { createHash } from 'node:crypto';
import type { SpanBatch } from '@clover/model';
import type { Engine } from './engine/engine.ts';

export interface ResourceWriter {
  /** Ids of the batch's resources, after those new to the store are in it. */
  write(batch: SpanBatch): Promise<BigUint64Array>;
  /** Forgets what was written: the tables were cleared. */
  forget(): void;
}

const REMEMBERED = 100_000;

/** Writes each resource once a day (a day's partition may be dropped by the retention). */
export function createResourceWriter(engine: Engine, clock: () => number): ResourceWriter {
  const known = new Set<string>();
  return {
    async write(batch) {
      const { resources } = batch;
      const ids = new BigUint64Array(resources.ends.length);
      const day = new Date(clock()).toISOString().slice(0, 10);
      const rows: object[] = [];
      const keys: string[] = [];
      for (let index = 0; index < resources.ends.length; index++) {
        const attributes = attributesOf(batch, index);
        const text = JSON.stringify(
          Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        const id = createHash('sha1').update(text).digest().readBigUInt64LE(0);
        ids[index] = id;
        const key = `${id} ${day}`;
        if (known.has(key)) continue;
        keys.push(key);
        const span = batch.resourceIndexes.indexOf(index);
        const column = (name: 'service' | 'version' | 'namespace' | 'node') =>
          span === -1 ? '' : batch.strings[batch.columns[name][span]!]!;
        rows.push({
          resource_id: String(id),
          day,
          service: column('service'),
          version: column('version'),
          namespace: column('namespace'),
          node: column('node'),
          attributes,
          seen: Math.floor(clock() / 1000),
        });
      }
      if (rows.length > 0) {
        await engine.insertRows('resources', rows);
        if (known.size > REMEMBERED) known.clear();
        for (const key of keys) known.add(key);
      }
      return ids;
    },
    forget: () => known.clear(),
  };
}

function attributesOf({ resources, strings }: SpanBatch, index: number): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let at = index === 0 ? 0 : resources.ends[index - 1]!; at < resources.ends[index]!; at++) {
    attributes[strings[resources.keys[at]!]!] = strings[resources.values[at]!]!;
  }
  return attributes;
}
