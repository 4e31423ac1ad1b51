// Cuts a JSON document of any size into the pieces an importer converts one by one (a trace, a
// ResourceSpans, a span), so that memory is bounded by the largest piece and not by the file.
// Structure between the pieces is checked here, each piece by JSON.parse.

import { CloverError } from '@clover/model';

export interface JsonItem {
  /** `element`: of an array that is the document or one of its streamed members. `object`: all else of an object. */
  readonly type: 'element' | 'object';
  /** The streamed member that holds the element; empty for the document itself. */
  readonly member: string;
  /** JSON pointer within its document. */
  readonly pointer: string;
  /** Line on which it starts, from 1. */
  readonly line: number;
  readonly value: unknown;
  /** Streamed members that this object had; only for `object`. */
  readonly streamed: readonly string[];
}

export interface JsonItemOptions {
  /** Members of a top-level object whose arrays come element by element. */
  readonly streamed: ReadonlySet<string>;
  /** A larger piece is refused. Default 256 MiB. */
  readonly maxItemBytes?: number;
  /** Changes a piece's text before it is parsed. */
  readonly rewrite?: (text: string) => string;
}

const MAX_DEPTH = 256;

// Where the scanner stands between pieces.
const TOP = 0; // before a document
const FIRST = 1; // after [ : an element or ]
const NEXT = 2; // after an element: , or ]
const ELEMENT = 3; // after a comma in an array
const FIRST_KEY = 4; // after { : a key or }
const KEY = 5; // after a comma in an object
const COLON = 6;
const VALUE = 7; // a member's value
const AFTER_VALUE = 8; // , or }
const CAPTURE = 9; // inside a piece

/**
 * The pieces of a stream of JSON documents (one, or one a line) in order. Throws CloverError
 * `import.bad_json` with the place when the text is not JSON, ends in the middle or nests deeper
 * than 256, and `import.too_large` when a piece is too large.
 */
export async function* jsonItems(
  chunks: AsyncIterable<Uint8Array>,
  options: JsonItemOptions,
): AsyncGenerator<JsonItem> {
  const scanner = createScanner(options);
  for await (const chunk of chunks) {
    for (const item of scanner.push(chunk)) yield item;
  }
  scanner.end();
}

function createScanner(options: JsonItemOptions) {
  const maxItemBytes = options.maxItemBytes ?? 256 * 1024 * 1024;
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let state: number = TOP;
  let line = 1;
  let startLine = 1; // of the piece being captured
  let documentLine = 1;
  let member = ''; // streamed member whose array is open
  let inArray = false; // an array of elements is open
  let inObject = false; // a top-level object is open
  let index = 0; // of the next element
  let key = '';
  let after: number = TOP; // state once the capture is done
  let streamed: string[] = [];
  let rest: [string, unknown][] = [];
  // The capture: closing is by depth for containers, by a quote for strings, by a delimiter for scalars.
  let parts: Uint8Array[] = [];
  let size = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let scalar = false;

  const pointer = () => {
    if (inArray) return `${member === '' ? '' : `/${member}`}/${index}`;
    return inObject && key !== '' ? `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` : '';
  };
  const fail = (what: string, cause?: unknown): never => {
    throw new CloverError('import.bad_json', `line ${line}, at ${pointer() || '/'}: ${what}`, {
      hint: 'check that the file is whole and is JSON',
      status: 400,
      issues: [{ at: `line ${line} ${pointer() || '/'}`, message: what }],
      cause,
    });
  };

  function begin(byte: number, next: number) {
    after = next;
    state = CAPTURE;
    parts = [];
    size = 0;
    depth = byte === 0x7b || byte === 0x5b ? 1 : 0;
    inString = byte === 0x22;
    escaped = false;
    scalar = depth === 0 && !inString;
    startLine = line;
  }

  function finish(): unknown {
    state = after;
    try {
      const text = utf8.decode(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      parts = [];
      return JSON.parse(options.rewrite === undefined ? text : options.rewrite(text)) as unknown;
    } catch (cause) {
      line = startLine;
      return fail(
        cause instanceof SyntaxError ? cause.message : 'the text is not valid UTF-8',
        cause,
      );
    }
  }

  function* push(chunk: Uint8Array): Generator<JsonItem> {
    let from = 0; // where the capture starts in this chunk
    let at = 0;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (state === CAPTURE) {
        const end = capture(chunk, at);
        const stop = end === -1 ? chunk.length : end;
        size += stop - from;
        if (size > maxItemBytes) {
          throw new CloverError(
            'import.too_large',
            `line ${startLine}, at ${pointer() || '/'}: one item is larger than ${maxItemBytes} bytes`,
            { hint: 'split the file', status: 413 },
          );
        }
        parts.push(chunk.subarray(from, stop));
        at = stop;
        if (end === -1) return;
        const value = finish();
        if (after === COLON) {
          key = value as string;
        } else if (inArray) {
          yield {
            type: 'element',
            member,
            pointer: pointer(),
            line: startLine,
            value,
            streamed: [],
          };
          index++;
        } else {
          rest.push([key, value]);
        }
        continue;
      }
      at++;
      if (byte === 0x0a) line++;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
      from = at - 1;
      switch (state) {
        case TOP:
          documentLine = line;
          member = '';
          if (byte === 0x5b) {
            inArray = true;
            index = 0;
            state = FIRST;
          } else if (byte === 0x7b) {
            inObject = true;
            key = '';
            streamed = [];
            rest = [];
            state = FIRST_KEY;
          } else fail('a JSON array or object was expected here');
          break;
        case FIRST:
        case ELEMENT:
          if (byte === 0x5d && state === FIRST) closeArray();
          else begin(byte, NEXT);
          break;
        case NEXT:
          if (byte === 0x2c) state = ELEMENT;
          else if (byte === 0x5d) closeArray();
          else fail('a comma or ] was expected here');
          break;
        case FIRST_KEY:
        case KEY:
          if (byte === 0x7d && state === FIRST_KEY) yield closeObject();
          else if (byte === 0x22) begin(byte, COLON);
          else fail('a member name in quotes was expected here');
          break;
        case COLON:
          if (byte !== 0x3a) fail('a colon was expected here');
          state = VALUE;
          break;
        case VALUE:
          if (byte === 0x5b && options.streamed.has(key)) {
            if (streamed.includes(key)) fail(`the member "${key}" stands twice`);
            streamed.push(key);
            member = key;
            inArray = true;
            index = 0;
            state = FIRST;
          } else begin(byte, AFTER_VALUE);
          break;
        default: // AFTER_VALUE
          if (byte === 0x2c) state = KEY;
          else if (byte === 0x7d) yield closeObject();
          else fail('a comma or } was expected here');
      }
      // A capture includes the byte that began it; strings and containers go on behind it.
      if (state === CAPTURE && scalar) at = from;
    }
    if (state === CAPTURE && from < chunk.length) {
      parts.push(chunk.subarray(from));
      size += chunk.length - from;
    }
  }

  /** Scans a piece from `at`: the index behind its end, or -1 when it goes on in the next chunk. */
  function capture(chunk: Uint8Array, start: number): number {
    let at = start;
    const length = chunk.length;
    if (scalar) {
      for (; at < length; at++) {
        const byte = chunk[at]!;
        if (byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20) return at;
      }
      return -1;
    }
    while (at < length) {
      const byte = chunk[at++]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) {
          inString = false;
          if (depth === 0) return at;
        }
      } else if (byte === 0x22) inString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--depth === 0) return at;
      } else if (byte === 0x0a) line++;
    }
    return -1;
  }

  function closeArray() {
    inArray = false;
    state = member === '' ? TOP : AFTER_VALUE;
    member = '';
  }

  function closeObject(): JsonItem {
    state = TOP;
    inObject = false;
    key = '';
    const value = Object.fromEntries(rest);
    rest = [];
    return { type: 'object', member: '', pointer: '', line: documentLine, value, streamed };
  }

  function end() {
    if (state !== TOP) fail('the document ends in the middle');
  }
  return { push, end };
}
