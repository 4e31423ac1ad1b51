import { splitList } from './split-list.ts';

/** Ports as a rule's header names them. */
export interface PortSet {
  /** 0 is a port that is not known; only `any` has it. */
  has(port: number): boolean;
}

const ANY: PortSet = { has: () => true };
const LAST = 65_535;

/** `any`, `80`, `1024:`, `:1023`, `80:90`, `[80,8080:8090,!8085]`, `!80`. Throws Error that says what is none. */
export function portSet(text: string): PortSet {
  if (text === 'any') return ANY;
  if (text.startsWith('!')) {
    const inner = portSet(text.slice(1));
    if (inner === ANY) throw new Error('!any matches nothing');
    return { has: (port) => port > 0 && !inner.has(port) };
  }
  if (text.startsWith('[')) {
    const items = splitList(text);
    const without = items.filter((one) => one.startsWith('!')).map((one) => portSet(one));
    const among = items.filter((one) => !one.startsWith('!')).map((one) => portSet(one));
    return {
      has: (port) =>
        (among.length === 0 ? port > 0 : among.some((one) => one.has(port))) &&
        without.every((one) => one.has(port)),
    };
  }
  const [first, last] = /^(\d{0,5})(:?)(\d{0,5})$/.test(text) ? bounds(text) : [];
  if (first === undefined || last === undefined || first > last || last > LAST)
    throw new Error(`${JSON.stringify(text)} is no port`);
  return { has: (port) => port >= Math.max(1, first) && port <= last };
}

function bounds(text: string): readonly [number?, number?] {
  if (text === '' || text === ':') return [];
  const [from = '', to] = text.split(':', 2);
  if (to === undefined) return [Number(from), Number(from)];
  return [from === '' ? 0 : Number(from), to === '' ? LAST : Number(to)];
}
