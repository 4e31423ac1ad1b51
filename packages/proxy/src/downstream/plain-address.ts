/** IPv4 addresses that a dual-stack socket wraps. */
export const plainAddress = (address: string) =>
  address.startsWith('::ffff:') ? address.slice(7) : address;
