// Addresses and ranges, as filter chains compare them.

export interface IpRange {
  readonly bytes: readonly number[];
  readonly prefixLength: number;
}

/** The bytes of an IPv4 or IPv6 address; undefined for anything else. */
export function parseIp(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const valid =
    parts.length === 4 && parts.every((one) => /^\d{1,3}$/.test(one) && Number(one) < 256);
  return valid ? parts.map(Number) : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const [head = '', tail, more] = text.toLowerCase().split('::');
  if (more !== undefined) return undefined;
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...Array.from({ length: Math.max(missing, 0) }, () => '0'), ...back];
  if (!groups.every((one) => /^[\da-f]{1,4}$/.test(one))) return undefined;
  return groups.flatMap((one) => {
    const value = Number.parseInt(one, 16);
    return [value >> 8, value & 255];
  });
}

/** `10.0.0.0/8`, or an address for itself alone; undefined for anything else. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/');
  const bytes = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (!bytes) return undefined;
  const length = slash === -1 ? bytes.length * 8 : Number(text.slice(slash + 1));
  const valid = Number.isInteger(length) && length >= 0 && length <= bytes.length * 8;
  return valid ? { bytes, prefixLength: length } : undefined;
}

export function isInRange(range: IpRange, ip: readonly number[]): boolean {
  if (ip.length !== range.bytes.length) return false;
  for (let bit = 0; bit < range.prefixLength; bit += 8) {
    const used = Math.min(8, range.prefixLength - bit);
    const mask = (0xff << (8 - used)) & 0xff;
    if ((ip[bit / 8]! & mask) !== (range.bytes[bit / 8]! & mask)) return false;
  }
  return true;
}

/** The address behind the last one of a range; undefined when there is none. */
export function afterRange({ bytes, prefixLength }: IpRange): string | undefined {
  const next = startOf({ bytes, prefixLength });
  let bit = prefixLength - 1;
  // Counts one up in the last bit of the prefix.
  for (; bit >= 0; bit--) {
    const mask = 0x80 >> (bit % 8);
    const at = bit >> 3;
    next[at] = next[at]! ^ mask;
    if (next[at]! & mask) return formatIp(next);
  }
  return undefined;
}

/** Its first address. */
export const rangeStart = (range: IpRange): string => formatIp(startOf(range));

const startOf = ({ bytes, prefixLength }: IpRange): number[] =>
  bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });

function formatIp(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, at) =>
    ((bytes[at * 2]! << 8) | bytes[at * 2 + 1]!).toString(16),
  ).join(':');
}
