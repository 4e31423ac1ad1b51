// A service has one colour everywhere, apart for colour-blind eyes, in both themes; up to twelve have each their own.

const HUES: readonly (readonly [light: string, dark: string])[] = [
  ['oklch(58% 0.13 245)', 'oklch(72% 0.12 245)'],
  ['oklch(64% 0.13 60)', 'oklch(77% 0.12 65)'],
  ['oklch(56% 0.1 185)', 'oklch(74% 0.09 185)'],
  ['oklch(57% 0.17 355)', 'oklch(73% 0.14 355)'],
  ['oklch(50% 0.15 290)', 'oklch(70% 0.13 290)'],
  ['oklch(62% 0.12 115)', 'oklch(79% 0.12 118)'],
  ['oklch(47% 0.09 225)', 'oklch(66% 0.09 225)'],
  ['oklch(54% 0.12 35)', 'oklch(70% 0.12 38)'],
  ['oklch(60% 0.14 325)', 'oklch(76% 0.12 325)'],
  ['oklch(52% 0.09 150)', 'oklch(70% 0.09 150)'],
  ['oklch(45% 0.07 80)', 'oklch(67% 0.07 85)'],
  ['oklch(55% 0.06 265)', 'oklch(75% 0.05 265)'],
];

const KEY = 'clover.colors';

/** Hues by service. Those of earlier visits give way when no other is free. */
export interface Hues {
  readonly slots: Map<string, number>;
  /** Met in this visit: they keep their hue. */
  readonly met: Set<string>;
}

const own: Hues = { slots: remembered(), met: new Set() };

/**
 * Gives hues to services that have none yet: the one that the name's hash prefers, else the next free one. In order of
 * the names, so that whoever knows the same services gives them the same colours. Beyond twelve they repeat.
 */
export function meetServices(names: readonly string[], hues: Hues = own): void {
  const { slots, met } = hues;
  const fresh = names.filter((one) => !met.has(one)).toSorted();
  if (fresh.length === 0) return;
  for (const name of fresh) if (slots.has(name)) met.add(name);
  const taken = new Set(slots.values());
  const kept = new Set([...met].map((one) => slots.get(one)!));
  for (const name of fresh) {
    if (met.has(name)) continue;
    const preferred = hash(name) % HUES.length;
    const free = nextFree(preferred, taken);
    const slot = free ?? nextFree(preferred, kept) ?? preferred;
    if (free === undefined && !kept.has(slot)) {
      for (const [other, its] of slots) if (its === slot) slots.delete(other);
    }
    slots.set(name, slot);
    met.add(name);
    taken.add(slot);
    kept.add(slot);
  }
  if (hues === own) remember();
}

function nextFree(from: number, taken: ReadonlySet<number>): number | undefined {
  for (let tries = 0; tries < HUES.length; tries++) {
    const slot = (from + tries) % HUES.length;
    if (!taken.has(slot)) return slot;
  }
  return undefined;
}

/** So that a link to a trace shows the colours that its map had. */
function remember(): void {
  try {
    const most = [...own.slots].slice(-2 * HUES.length);
    localStorage.setItem(KEY, JSON.stringify(most));
  } catch {
    /* private mode: for this visit only */
  }
}

function remembered(): Map<string, number> {
  try {
    const pairs = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown[];
    return new Map(pairs.filter(isPair));
  } catch {
    return new Map();
  }
}

function isPair(value: unknown): value is [string, number] {
  return (
    Array.isArray(value) && typeof value[0] === 'string' && HUES[value[1] as number] !== undefined
  );
}

/** As `light-dark()`, which follows the page's theme. A name that was not met has its hash's colour, and keeps it. */
export function serviceColor(service: string): string {
  meetServices([service]);
  return hue(own.slots.get(service)!);
}

/** For series of whatever kind: by their place, so that twelve of a chart are all different. */
export function seriesColor(index: number): string {
  return hue(index % HUES.length);
}

function hue(slot: number): string {
  const [light, dark] = HUES[slot]!;
  return `light-dark(${light}, ${dark})`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
