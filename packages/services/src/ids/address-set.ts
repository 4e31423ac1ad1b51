import { BlockList, isIP } from 'node:net';
import { splitList } from './split-list.ts';

/** Addresses as a rule's header names them. */
export interface AddressSet {
  has(address: string): boolean;
}

const ANY: AddressSet = { has: () => true };

/**
 * `any`, `10.0.0.1`, `10.0.0.0/8`, `[a,b,![c,d]]`, `!a`; IPv6 alike. Variables are resolved already. A list
 * of negations alone is all but those. Throws Error that says what is none.
 */
export function addressSet(text: string): AddressSet {
  if (text === 'any') return ANY;
  if (text.startsWith('!')) {
    const inner = addressSet(text.slice(1));
    if (inner === ANY) throw new Error('!any matches nothing');
    return { has: (address) => !inner.has(address) };
  }
  if (text.startsWith('[')) {
    const items = splitList(text);
    const without = items.filter((one) => one.startsWith('!')).map((one) => addressSet(one));
    const among = items.filter((one) => !one.startsWith('!')).map((one) => addressSet(one));
    return {
      has: (address) =>
        (among.length === 0 || among.some((one) => one.has(address))) &&
        without.every((one) => one.has(address)),
    };
  }
  const [address = '', bits] = text.split('/', 2);
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  if (isIP(address) === 0) throw new Error(`${JSON.stringify(text)} is no address`);
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    throw new Error(`${JSON.stringify(text)} is no network`);
  const list = new BlockList();
  list.addSubnet(address, bits === undefined ? most : Number(bits), family);
  return {
    has: (one) => isIP(one) !== 0 && list.check(one, isIP(one) === 6 ? 'ipv6' : 'ipv4'),
  };
}
