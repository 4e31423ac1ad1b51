// One perceptually even ramp for intensities: faint to strong on either ground.

/** `share` 0..1; failures take the red of the theme. */
export function ramp(share: number, theme: 'light' | 'dark', failed: boolean): string {
  const t = Math.min(1, Math.max(0, share));
  const hue = failed ? 26 : 250 - 95 * t;
  const chroma = failed ? 0.07 + 0.12 * t : 0.05 + 0.08 * t;
  const lightness = theme === 'light' ? 91 - 45 * t : 30 + 52 * t;
  return `oklch(${lightness.toFixed(1)}% ${chroma.toFixed(3)} ${hue.toFixed(0)})`;
}
