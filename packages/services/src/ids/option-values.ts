// The values of options, each checked. They throw Error that says what is wrong.

import type { BufferName, IsDataAt, Rate, Size } from './rule.ts';

export function fieldOf(buffer: BufferName, value: string): BufferName {
  const match = /^field\s+([\w-]+)$/.exec(value);
  if (buffer !== 'header' || !match) throw new Error(`${JSON.stringify(value)} is not known there`);
  return `field:${match[1]!.toLowerCase()}`;
}

export function isDataAt(value: string, buffer: BufferName): IsDataAt {
  const [size = '', ...words] = value.split(',').map((word) => word.trim());
  const unknown = words.find((word) => word !== 'relative' && word !== 'rawbytes');
  if (unknown !== undefined) throw new Error(`there is no ${unknown}`);
  const negated = size.startsWith('!');
  return {
    kind: 'isdataat',
    buffer,
    negated,
    relative: words.includes('relative'),
    sizeBytes: whole(negated ? size.slice(1) : size, 0),
  };
}

export function size(value: string, usual: BufferName): Size {
  const [range = '', kind] = value.split(',').map((word) => word.trim());
  const match = /^(?:([<>]?)\s*(\d{1,9})|(\d{1,9})\s*<>\s*(\d{1,9}))$/.exec(range);
  if (!match || (kind !== undefined && kind !== 'raw' && kind !== 'norm'))
    throw new Error(`${JSON.stringify(value)} is no size`);
  const [, sign, one, from, to] = match;
  const buffer = kind === 'norm' ? 'uri' : usual;
  const least = from ?? (sign === '<' ? '0' : one!);
  const most = to ?? (sign === '>' ? '1e15' : one!);
  return {
    kind: 'size',
    buffer,
    leastBytes: Number(least) + (sign === '>' ? 1 : 0),
    mostBytes: Number(most) - (sign === '<' ? 1 : 0),
  };
}

/** A copied request is established and goes to the server; what wants another flow can never match. */
export function checkFlow(value: string): void {
  for (const word of value.split(',').map((one) => one.trim())) {
    if (/^(to_server|from_client|established|stateless|only_stream)$/.test(word)) continue;
    if (/^(to_client|from_server)$/.test(word))
      throw new Error(`${word} is about answers; this sensor sees requests`);
    throw new Error(`this engine does not do ${word}`);
  }
}

export function readRate(name: 'threshold' | 'detection_filter', value: string): Rate {
  const given = new Map(
    value.split(',').map((part) => part.trim().split(/\s+/, 2) as [string, string]),
  );
  const type = name === 'detection_filter' ? name : given.get('type');
  const track = given.get('track');
  if (type !== 'limit' && type !== 'threshold' && type !== 'both' && type !== 'detection_filter')
    throw new Error(`type ${type ?? ''} is none of limit, threshold, both`);
  if (track !== 'by_src' && track !== 'by_dst')
    throw new Error(`track ${track ?? ''} is none of by_src, by_dst`);
  return {
    type,
    track,
    count: whole(given.get('count') ?? '', 1),
    seconds: whole(given.get('seconds') ?? '', 1),
  };
}

export function need(value: string | undefined): string {
  if (value === undefined || value === '') throw new Error('a value is wanted');
  return value;
}

export function unquoted(value: string): string {
  const match = /^"(.*)"$/s.exec(value);
  return (match ? match[1]! : value).replace(/\\(.)/g, '$1');
}

export function whole(value: string, least: number): number {
  if (!/^-?\d{1,10}$/.test(value) || Number(value) < least)
    throw new Error(`${JSON.stringify(value)} is no whole number from ${least}`);
  return Number(value);
}
