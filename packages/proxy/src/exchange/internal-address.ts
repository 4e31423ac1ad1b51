/** Envoy's idea of an internal address: loopback and the private networks of RFC 1918 and RFC 4193. */
export function isInternalAddress(address: string): boolean {
  const bare = address.startsWith('::ffff:') ? address.slice(7) : address;
  if (bare.includes(':')) return bare === '::1' || /^f[cd]/i.test(bare);
  if (bare.startsWith('10.') || bare.startsWith('192.168.') || bare.startsWith('127.')) return true;
  if (!bare.startsWith('172.')) return false;
  const second = Number(bare.slice(4, bare.indexOf('.', 4)));
  return second >= 16 && second <= 31;
}
