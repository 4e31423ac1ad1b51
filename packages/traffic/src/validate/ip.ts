// IP addresses and ranges, as Go's netip takes them.

import type { Said } from './say.ts';

const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function isIp(text: string): boolean {
  if (V4.test(text)) return true;
  const [address, zone] = split(text, '%');
  return zone !== '' && isV6(address);
}

function isV6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const tail = last.includes('.') ? (V4.test(last) ? 2 : Number.NaN) : 0;
  const plain = tail ? groups.slice(0, -1) : groups;
  if (Number.isNaN(tail) || !plain.every((one) => /^[\da-fA-F]{1,4}$/.test(one))) return false;
  const count = plain.length + tail;
  return halves.length === 2 ? count < 8 : count === 8;
}

/** An address, or a range such as 10.0.0.0/8. */
export function isIpOrRange(text: string): boolean {
  if (text.split('/').length !== 2) return isIp(text);
  const [address, length = ''] = split(text, '/');
  const most = V4.test(address) ? 32 : isV6(address) ? 128 : -1;
  return /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= most;
}

export function ipOrRange(text: string): Said | undefined {
  if (isIpOrRange(text)) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(text)} is no IP address or range`,
    hint: 'write 10.0.0.1 or 10.0.0.0/8',
  };
}

export function ip(text: string): Said | undefined {
  if (isIp(text)) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(text)} is no IP address`,
    hint: 'write 10.0.0.1',
  };
}

/** The path after `unix://`. */
export function unixPath(text: string): Said | undefined {
  if (text.startsWith('@') || (text.startsWith('/') && !text.endsWith('/'))) return undefined;
  return {
    code: 'name',
    message: `${JSON.stringify(text)} is no path of a socket`,
    hint: 'write unix:///path/to/socket',
  };
}

function split(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
