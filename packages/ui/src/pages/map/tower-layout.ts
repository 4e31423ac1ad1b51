// For narrow screens: layers from top to bottom, wrapped into rows of a few services, so that names can be read.

import { layersOf } from './grid-layout.ts';
import type { Layout, LayoutRequest, Point } from './layout.ts';

const GAP_X = 20;
/** Between rows of one layer, and between layers. */
const GAP_ROWS = 22;
const GAP_LAYERS = 74;
const MARGIN = 16;

/** Rows of at most `columns`, each in the middle; as wide as a whole one. */
export function towerLayout(request: LayoutRequest, columns: number): Layout {
  const width = Math.max(...request.nodes.map((one) => one.width));
  const height = Math.max(...request.nodes.map((one) => one.height));
  const whole = 2 * MARGIN + columns * width + (columns - 1) * GAP_X;
  const places: Record<string, Point> = {};
  let top = MARGIN;
  for (const layer of layersOf(request).map((ids) => ids.toSorted())) {
    const rows = Math.ceil(layer.length / columns);
    // Four are better two and two than three and one.
    const each = Math.ceil(layer.length / rows);
    for (let row = 0; row < rows; row++) {
      const ids = layer.slice(row * each, (row + 1) * each);
      const left = (whole - ids.length * width - (ids.length - 1) * GAP_X) / 2;
      ids.forEach((id, index) => {
        places[id] = { x: left + index * (width + GAP_X) + width / 2, y: top + height / 2 };
      });
      top += height + (row < rows - 1 ? GAP_ROWS : GAP_LAYERS);
    }
  }
  return { width: whole, height: top - GAP_LAYERS + MARGIN, nodes: places, edges: {}, down: true };
}
