// The distinct resources of a batch, and the columns that follow from each.

import { GrowingLists, type AttributeTranslator } from './builder-attributes.ts';
import type { ResourceColumns } from './builder-promote.ts';
import { TEXT, type StringTable } from './builder-strings.ts';

export class ResourceTable {
  readonly lists = new GrowingLists();
  readonly columns: ResourceColumns[] = [];
  private byKey = new Map<string, number>();

  /** The translator's pending attributes as a resource; equal lists give the same index. */
  add(translator: AttributeTranslator, strings: StringTable): number {
    const { lists } = this;
    const first = lists.length;
    translator.flush(lists, false, undefined);
    const keys = lists.keys.subarray(first, lists.length);
    const values = lists.values.subarray(first, lists.length);
    const key = `${keys.join()};${values.join()}`;
    const known = this.byKey.get(key);
    if (known !== undefined) {
      lists.length = first;
      return known;
    }
    this.columns.push(columnsOf(keys, values, strings));
    const index = lists.endItem();
    this.byKey.set(key, index);
    return index;
  }

  /** Forgets every resource from `count` on. */
  truncate(count: number): void {
    this.lists.truncate(count);
    this.columns.length = count;
    if (count === 0) this.byKey = new Map();
    for (const [key, resource] of this.byKey) {
      if (resource >= count) this.byKey.delete(key);
    }
  }
}

function columnsOf(keys: Uint32Array, values: Uint32Array, strings: StringTable): ResourceColumns {
  const byName = new Map<string, number>();
  keys.forEach((key, i) => byName.set(strings.text(key), values[i]!));
  const firstOf = (...names: readonly string[]): number => {
    for (const name of names) {
      const value = byName.get(name);
      if (value !== undefined && value !== TEXT.empty) return value;
    }
    return TEXT.empty;
  };
  return {
    service: firstOf('service.name') || strings.internString('unknown_service'),
    version: firstOf('service.version'),
    namespace: firstOf('service.namespace', 'k8s.namespace.name'),
    node: firstOf('k8s.pod.name', 'service.instance.id', 'host.name'),
  };
}
