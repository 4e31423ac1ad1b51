// A service has one colour everywhere: chosen by its name, apart for colour-blind eyes, in both themes.

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

/** As `light-dark()`, which follows the page's theme. */
export function serviceColor(service: string): string {
  const [light, dark] = HUES[hash(service) % HUES.length]!;
  return `light-dark(${light}, ${dark})`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
