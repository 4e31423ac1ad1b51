import { expect, it } from 'vitest';
import { fitCanvas } from './fit-canvas.ts';

/** Takes whole pixels as a canvas does, and counts how often it became a new one. */
function canvas() {
  let [width, height, made] = [300, 150, 0];
  return {
    get width() {
      return width;
    },
    set width(value) {
      width = Math.trunc(value);
      made++;
    },
    get height() {
      return height;
    },
    set height(value) {
      height = Math.trunc(value);
      made++;
    },
    get made() {
      return made;
    },
  };
}

it.each([1, 1.1, 1.25, 1.5, 1.75, 2])(
  'makes a canvas once for a size, at %d pixels for one',
  (ratio) => {
    const element = canvas();
    for (const width of [1001, 1001, 1001]) fitCanvas(element, { width, height: 777 }, ratio);
    expect(element).toMatchObject({
      made: 2,
      width: Math.round(1001 * ratio),
      height: Math.round(777 * ratio),
    });
    fitCanvas(element, { width: 1100, height: 777 }, ratio);
    expect(element.made).toBe(3);
  },
);
