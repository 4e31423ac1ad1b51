// A canvas whose size is set is a new one, even where it is the same: that costs more than what is painted on it.

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Gives a canvas the pixels for a size in CSS pixels; one that has them is left alone. */
export function fitCanvas(
  canvas: { width: number; height: number },
  { width, height }: Size,
  pixelRatio: number,
): void {
  // It has whole pixels, also where a screen has 1.25 of them for each of CSS.
  const wanted = { width: Math.round(width * pixelRatio), height: Math.round(height * pixelRatio) };
  if (canvas.width !== wanted.width) canvas.width = wanted.width;
  if (canvas.height !== wanted.height) canvas.height = wanted.height;
}
