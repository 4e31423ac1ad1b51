// Attributes on their way into the batch: first pending as they came (the span's kind may still be
// unknown), then translated, deduplicated and laid into the lists.

import { grown } from './builder-byte-table.ts';
import { TEXT, type IdMemo, type StringTable } from './builder-strings.ts';
import {
  attributeRule,
  NUMERIC_ATTRIBUTES,
  protocolVersion,
  splitHostPort,
  splitTarget,
  transport,
  type ValueShape,
} from './processors/attribute-names.ts';
import { ATTRIBUTE_ROLES, FIRST_FIELD_ROLE, ROLE } from './processors/roles.ts';

/** Indexes into the model's ATTRIBUTE_TYPES. */
export const TYPE = { string: 0, int: 1, double: 2, bool: 3, json: 4, bytes: 5 } as const;

const SHAPES: readonly ValueShape[] = [
  'asIs',
  'protocolVersion',
  'target',
  'hostPort',
  'transport',
];

interface ShapedValue {
  readonly shape: number;
  readonly first: number;
  readonly second: number;
}

/** Attribute lists that grow; `ends` one per item. */
export class GrowingLists {
  items = 0;
  length = 0;
  ends = new Uint32Array(1024);
  keys = new Uint32Array(8192);
  values = new Uint32Array(8192);

  reserve(more: number): void {
    if (this.length + more > this.keys.length) {
      const size = Math.max(this.keys.length * 2, this.length + more);
      this.keys = grown(this.keys, size);
      this.values = grown(this.values, size);
    }
  }

  endItem(): number {
    if (this.items === this.ends.length) this.ends = grown(this.ends, this.items * 2);
    this.ends[this.items] = this.length;
    return this.items++;
  }

  truncate(items: number): void {
    this.items = items;
    this.length = items === 0 ? 0 : this.ends[items - 1]!;
  }
}

export class AttributeTranslator {
  /** The attributes of the item at hand, as they came. */
  pending = 0;
  pendingKeys = new Uint32Array(256);
  pendingValues = new Uint32Array(256);
  pendingTypes = new Uint8Array(256);

  /** By the id of a canonical key: its last type + 1. */
  readonly types: IdMemo;
  private readonly strings: StringTable;
  /** By the id of a key as it came: 1 + canonical id, for each side. */
  private readonly serverKeys: IdMemo;
  private readonly clientKeys: IdMemo;
  private readonly shapes: IdMemo;
  /** By the id of a canonical key. */
  private readonly roles: IdMemo;
  private readonly numeric: IdMemo;
  private readonly seen: IdMemo;
  /** By the id of a value: 1 no, 2 yes. */
  private readonly isInteger: IdMemo;
  /** By the id of a value: 1 + index into shapedValues. */
  private readonly shapedMemo: IdMemo;
  private shapedValues: ShapedValue[] = [];
  /** By the id of a canonical key: 1 + id of the key of the second part. */
  private readonly secondKeys: IdMemo;
  private serial = 0;

  constructor(strings: StringTable) {
    this.strings = strings;
    this.types = strings.keptMemo();
    this.serverKeys = strings.memo();
    this.clientKeys = strings.memo();
    this.shapes = strings.memo();
    this.roles = strings.memo();
    this.numeric = strings.memo();
    this.seen = strings.memo();
    this.isInteger = strings.memo();
    this.shapedMemo = strings.memo();
    this.secondKeys = strings.memo();
  }

  add(key: number, value: number, type: number): void {
    const at = this.pending++;
    if (at === this.pendingKeys.length) {
      this.pendingKeys = grown(this.pendingKeys, at * 2);
      this.pendingValues = grown(this.pendingValues, at * 2);
      this.pendingTypes = grown(this.pendingTypes, at * 2);
    }
    this.pendingKeys[at] = key;
    this.pendingValues[at] = value;
    this.pendingTypes[at] = type;
  }

  /** The value of a pending key as it came, 0 when it is not there. */
  pendingValue(key: number): number {
    for (let i = 0; i < this.pending; i++) {
      if (this.pendingKeys[i] === key) return this.pendingValues[i]!;
    }
    return 0;
  }

  /**
   * Moves the pending attributes into `lists` as one more item (not yet ended) and the values of
   * roles into `roleValues`. Of several attributes with one canonical name the first stays.
   */
  flush(lists: GrowingLists, serverSide: boolean, roleValues: Uint32Array | undefined): void {
    const { pending, pendingKeys, pendingValues, pendingTypes } = this;
    lists.reserve(pending * 2);
    if (++this.serial === 0xffff_ffff) {
      this.seen.values.fill(0);
      this.serial = 1;
    }
    const names = serverSide ? this.serverKeys : this.clientKeys;
    for (let i = 0; i < pending; i++) {
      const raw = pendingKeys[i]!;
      if (names.values[raw] === 0) this.resolve(raw);
      const key = names.values[raw]! - 1;
      const shape = this.shapes.values[raw]!;
      if (shape === 0) this.put(lists, key, pendingValues[i]!, pendingTypes[i]!, roleValues);
      else this.putShaped(lists, key, shape, i, roleValues);
    }
    this.pending = 0;
  }

  private put(
    lists: GrowingLists,
    key: number,
    value: number,
    type: number,
    roleValues: Uint32Array | undefined,
  ): void {
    const seen = this.seen.values;
    if (seen[key] === this.serial) return;
    seen[key] = this.serial;
    if (roleValues !== undefined) {
      const role = this.roles.values[key]!;
      if (role !== ROLE.none) {
        roleValues[role] = value;
        if (role >= FIRST_FIELD_ROLE) return;
      }
    }
    if (type === TYPE.string && this.numeric.values[key] !== 0 && this.integer(value))
      this.types.values[key] = TYPE.int + 1;
    else this.types.values[key] = type + 1;
    const at = lists.length++;
    lists.keys[at] = key;
    lists.values[at] = value;
  }

  private putShaped(
    lists: GrowingLists,
    key: number,
    shape: number,
    index: number,
    roleValues: Uint32Array | undefined,
  ): void {
    const type = this.pendingTypes[index]!;
    const value = this.shaped(shape, this.pendingValues[index]!);
    this.put(lists, key, value.first, type, roleValues);
    if (value.second === TEXT.empty) return;
    let second = this.secondKeys.values[key]! - 1;
    if (second < 0) {
      const name = this.strings.text(key);
      second = this.canonical(
        name === 'url.path' ? 'url.query' : name.replace(/\.address$/, '.port'),
      );
      this.secondKeys.values[key] = second + 1;
    }
    this.put(lists, second, value.second, type, roleValues);
  }

  /** A value rewritten; `second` is the part that gets a name of its own, empty for none. */
  private shaped(shape: number, value: number): ShapedValue {
    const known = this.shapedValues[this.shapedMemo.values[value]! - 1];
    if (known !== undefined && known.shape === shape) return known;
    const { strings } = this;
    const [first, second] = reshape(SHAPES[shape]!, strings.text(value));
    const made = {
      shape,
      first: strings.internString(first),
      second: strings.internString(second),
    };
    this.shapedValues.push(made);
    this.shapedMemo.values[value] = this.shapedValues.length;
    return made;
  }

  /** To be called when ids may come to mean other strings; every memo is empty by now. */
  clear(): void {
    this.pending = 0;
    this.shapedValues = [];
  }

  private canonical(name: string): number {
    const id = this.strings.internString(name);
    if (this.serverKeys.values[id] === 0) this.resolve(id);
    return id;
  }

  private resolve(raw: number): void {
    const { strings } = this;
    const rule = attributeRule(strings.text(raw));
    const server = this.describe(rule.server);
    const client = this.describe(rule.client);
    this.serverKeys.values[raw] = server + 1;
    this.clientKeys.values[raw] = client + 1;
    this.shapes.values[raw] = SHAPES.indexOf(rule.shape);
  }

  private describe(name: string): number {
    const id = this.strings.internString(name);
    this.roles.values[id] = Object.hasOwn(ATTRIBUTE_ROLES, name) ? ATTRIBUTE_ROLES[name]! : 0;
    this.numeric.values[id] = NUMERIC_ATTRIBUTES.has(name) ? 1 : 0;
    return id;
  }

  private integer(value: number): boolean {
    if (value === TEXT.empty) return false;
    const memo = this.isInteger.values;
    if (memo[value] === 0) memo[value] = /^-?\d{1,18}$/.test(this.strings.text(value)) ? 2 : 1;
    return memo[value] === 2;
  }

  /** The types of all keys of the batch, as SpanBatch wants them. */
  typeMap(): Map<number, number> {
    const map = new Map<number, number>();
    const { values } = this.types;
    for (let id = 0; id < this.strings.count; id++) {
      const type = values[id]!;
      if (type !== 0) map.set(id, type - 1);
    }
    return map;
  }
}

function reshape(shape: ValueShape, text: string): readonly [string, string] {
  switch (shape) {
    case 'protocolVersion':
      return [protocolVersion(text), ''];
    case 'transport':
      return [transport(text), ''];
    case 'target': {
      const { path, query } = splitTarget(text);
      return [path, query];
    }
    case 'hostPort': {
      const { host, port } = splitHostPort(text);
      return [host, port];
    }
    case 'asIs':
      return [text, ''];
  }
}
