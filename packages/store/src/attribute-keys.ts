// The catalogue of attribute keys: which there are, of what type, on spans or on resources.

import { ATTRIBUTE_TYPES, type SpanBatch } from '@clover/model';
import type { Engine } from './engine/engine.ts';

export interface AttributeKeyWriter {
  write(batch: SpanBatch): Promise<void>;
  forget(): void;
}

const REMEMBERED = 100_000;

/** Writes each key, type and scope once a day. */
export function createAttributeKeyWriter(engine: Engine, clock: () => number): AttributeKeyWriter {
  const known = new Set<string>();
  return {
    async write(batch) {
      const day = new Date(clock()).toISOString().slice(0, 10);
      const onResources = new Set(batch.resources.keys);
      const rows: object[] = [];
      const added: string[] = [];
      const add = (key: string, scope: string, type: string) => {
        const entry = `${scope} ${type} ${day} ${key}`;
        if (known.has(entry)) return;
        added.push(entry);
        rows.push({ key, scope, type, day, seen: Math.floor(clock() / 1000) });
      };
      for (const [id, type] of batch.attributeTypes) {
        const scope = onResources.has(id) && !usedBySpan(batch, id) ? 'resource' : 'span';
        add(batch.strings[id]!, scope, ATTRIBUTE_TYPES[type]!);
      }
      for (const id of onResources)
        add(batch.strings[id]!, 'resource', ATTRIBUTE_TYPES[batch.attributeTypes.get(id) ?? 0]!);
      if (rows.length === 0) return;
      await engine.insertRows('attribute_keys', rows);
      if (known.size > REMEMBERED) known.clear();
      for (const entry of added) known.add(entry);
    },
    forget: () => known.clear(),
  };
}

/** Only asked for keys that resources have too: a handful. */
function usedBySpan(batch: SpanBatch, id: number): boolean {
  return batch.attributes.keys.includes(id);
}
