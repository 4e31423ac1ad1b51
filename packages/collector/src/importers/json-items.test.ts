import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CloverError } from '@clover/model';
import { jsonItems, type JsonItem } from './json-items.ts';

async function itemsOf(
  text: string | Uint8Array,
  size = 7,
  maxItemBytes = 1e6,
): Promise<JsonItem[]> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: JsonItem[] = [];
  for await (const item of jsonItems(chunks(), { streamed: new Set(['data']), maxItemBytes })) {
    found.push(item);
  }
  return found;
}

describe('jsonItems', () => {
  it('gives the elements of a streamed member and the rest of the object', async () => {
    const items = await itemsOf('{"total":1,\n"data":[{"a":"]}\\"["},2],\n"errors":null}');
    expect(items.map(({ pointer, line, value }) => ({ pointer, line, value }))).toEqual([
      { pointer: '/data/0', line: 2, value: { a: ']}"[' } },
      { pointer: '/data/1', line: 2, value: 2 },
      { pointer: '', line: 1, value: { total: 1, errors: null } },
    ]);
    expect(items[2]!.streamed).toEqual(['data']);
  });

  it('reads one document a line and empty documents', async () => {
    const items = await itemsOf('{"a":1}\n{}\n[]\n[1,"x"]');
    expect(items.map((item) => item.value)).toEqual([{ a: 1 }, {}, 1, 'x']);
    expect(items.map((item) => item.line)).toEqual([1, 2, 4, 4]);
  });

  it.each([
    ['{"data":[{"a":1},{"a":}]}', 'line 1, at /data/1: '],
    ['[1,2', 'line 1, at /1: the document ends in the middle'],
    ['[1\n,,2]', 'line 2, at /1: '],
    ['{"a" 1}', 'a colon was expected'],
    ['{"a":1,}', 'a member name in quotes'],
    ['nope', 'a JSON array or object was expected here'],
    ['[{"a":1}}', 'a comma or ] was expected'],
    ['["\ud800"', 'ends in the middle'],
  ])('says where %j is wrong', async (text, message) => {
    await expect(itemsOf(text)).rejects.toThrow(message);
  });

  it('refuses what is too deep, too large or not UTF-8', async () => {
    await expect(itemsOf('['.repeat(300))).rejects.toThrow('nested deeper');
    await expect(itemsOf(`["${'x'.repeat(100)}"]`, 7, 50)).rejects.toThrow('larger than 50 bytes');
    await expect(itemsOf(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).rejects.toThrow('UTF-8');
  });

  it('agrees with JSON.parse on any JSON, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ stringUnit: 'binary' }), { maxLength: 6 }),
        fc.dictionary(
          fc.string().filter((key) => key !== 'data'),
          fc.jsonValue(),
          { maxKeys: 4 },
        ),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(undefined, 1, '\t'),
        async (list, rest, size, space) => {
          const parsed = JSON.parse(JSON.stringify({ ...rest, data: list })) as { data: unknown[] };
          const items = await itemsOf(JSON.stringify(parsed, null, space), size);
          const { data, ...others } = parsed;
          expect(items.slice(0, -1).map((item) => item.value)).toEqual(data);
          expect(items.at(-1)!.value).toEqual(others);
        },
      ),
    );
  });

  it('takes only what JSON.parse takes, and throws only its own error', async () => {
    const near = fc
      .array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'a', '1', '\\', ' ', '"data"'), {
        maxLength: 14,
      })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(near, fc.constantFrom('[', '{'), async (text, start) => {
        const whole = start + text;
        const failure: unknown = await itemsOf(whole, 3).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure === undefined || failure instanceof CloverError).toBe(true);
        let parses = true;
        try {
          JSON.parse(whole);
        } catch {
          parses = false;
        }
        const twice = /"data"[^]*"data"/.test(whole);
        if (parses && !twice) expect(failure).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });
});
