// Format strings compiled once: access logs call the result for each request, header operations too.

import { nearest } from '@clover/model';
import { badFormat } from '../../errors.ts';
import type { RequestRecord } from '../../request-record.ts';
import { compileOperator, operatorNames, type Evaluate, type HeaderLookup } from './operators.ts';
import { headerBytes } from '../spans/byte-writer.ts';
import { parseFormat, type FormatPart } from './parse-format.ts';

export interface CompiledFormat {
  (record: RequestRecord, headers?: HeaderLookup): string;
  /** False: the record alone is enough. */
  readonly needsHeaders: boolean;
}

export interface FormatOptions {
  /** Stands for what a request does not have: `-` in logs (the default), '' in header values. */
  readonly missing?: string;
}

/** Throws `proxy.bad_format` for unknown operators. */
export function compileFormat(format: string, options: FormatOptions = {}): CompiledFormat {
  const { missing = '-' } = options;
  const parts = parseFormat(format);
  let needsHeaders = false;
  const pieces = parts.map((part) => {
    if (typeof part === 'string') return part;
    const operator = compilePart(format, part);
    needsHeaders ||= operator.needsHeaders;
    return operator.evaluate;
  });
  const only = pieces[0];
  const isLiteral = pieces.every((piece) => typeof piece === 'string');
  const text = (record: RequestRecord, headers?: HeaderLookup): string => {
    let line = '';
    for (const piece of pieces)
      line += typeof piece === 'string' ? piece : (piece(record, headers) ?? missing);
    return line;
  };
  const literal = typeof only === 'string' ? only : '';
  return Object.assign(isLiteral ? () => literal : text, { needsHeaders });
}

/** Of a JSON log: names to format strings, literals, or objects of the same. */
export interface JsonFormat {
  readonly [field: string]: string | number | boolean | JsonFormat;
}

/**
 * As Envoy's JSON logs: one object a line, names in order, a value that is one operator keeps its type
 * and is null where the request has no such thing. Throws `proxy.bad_format`.
 */
export function compileJsonFormat(format: JsonFormat): CompiledFormat {
  const pieces: (string | Evaluate)[] = [];
  const needsHeaders = compileObject(format, pieces);
  pieces.push('\n');
  return Object.assign(
    (record: RequestRecord, headers?: HeaderLookup) => {
      let line = '';
      for (const piece of pieces)
        line += typeof piece === 'string' ? piece : jsonValue(piece(record, headers));
      return line;
    },
    { needsHeaders },
  );
}

function compileObject(format: JsonFormat, to: (string | Evaluate)[]): boolean {
  let needsHeaders = false;
  let opening = '{';
  for (const field of Object.keys(format).toSorted()) {
    const value = format[field]!;
    to.push(`${opening}${jsonValue(bytesOf(field))}:`);
    opening = ',';
    if (typeof value === 'object') needsHeaders = compileObject(value, to) || needsHeaders;
    else if (typeof value === 'string') {
      const compiled = compileValue(value);
      needsHeaders ||= compiled.needsHeaders;
      to.push(compiled.evaluate);
    } else to.push(JSON.stringify(value));
  }
  to.push(opening === '{' ? '{}' : '}');
  return needsHeaders;
}

function compileValue(value: string): { evaluate: Evaluate; needsHeaders: boolean } {
  const parts = parseFormat(bytesOf(value));
  const only = parts[0];
  if (parts.length === 1 && typeof only === 'object') return compilePart(value, only);
  const text = compileFormat(bytesOf(value));
  return { evaluate: (record, headers) => text(record, headers), needsHeaders: text.needsHeaders };
}

function compilePart(format: string, part: Exclude<FormatPart, string>) {
  const operator = compileOperator(part);
  if (operator !== undefined) return operator;
  const names = operatorNames();
  if (names.includes(part.name))
    throw badFormat(format, `${part.text} has an argument that it cannot take`);
  const close = nearest(part.name, names);
  throw badFormat(
    format,
    `there is no operator ${part.name}`,
    close === undefined ? undefined : `did you mean ${close}?`,
  );
}

/**
 * JSON of a value, one byte a character like all header text. What a client sent need not be UTF-8, but
 * JSON must be: other bytes become U+FFFD.
 */
function jsonValue(value: string | number | undefined): string {
  if (value === undefined) return 'null';
  if (typeof value === 'number') return String(value);
  if (isAscii(value)) return JSON.stringify(value);
  return bytesOf(JSON.stringify(headerBytes(value).toString('utf8')));
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
