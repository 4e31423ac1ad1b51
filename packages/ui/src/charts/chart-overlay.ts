// What stands over a chart's lines: the hatching of steps that still fill, marks of what happened, single traces.

import type uPlot from 'uplot';

/** Something that happened at a time and may explain a change: rules, a fault. */
export interface ChartMark {
  readonly timeMs: number;
  /** A word or two beside the line. */
  readonly label: string;
  /** The whole of it, at the cursor. */
  readonly detail: string;
}

/** One trace as a dot. */
export interface Exemplar {
  readonly timeMs: number;
  readonly value: number;
  readonly label: string;
  readonly failed: boolean;
  /** Where it leads. */
  readonly to: string;
}

export interface OverlayColors {
  readonly mark: string;
  readonly ground: string;
  readonly good: string;
  readonly bad: string;
}

const DOT = 4;

/** Thin dashed lines, each with its label where there is room for it. */
export function drawMarks(self: uPlot, marks: readonly ChartMark[], colors: OverlayColors): void {
  const { ctx, bbox } = self;
  const scale = devicePixelRatio;
  let free = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.strokeStyle = colors.mark;
  ctx.lineWidth = scale;
  ctx.setLineDash([3 * scale, 3 * scale]);
  ctx.font = `${10 * scale}px "Inter Variable"`;
  ctx.textBaseline = 'top';
  for (const { timeMs, label } of marks) {
    const x = Math.round(self.valToPos(timeMs, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const room = ctx.measureText(label).width + 8 * scale;
    const right = x + room > bbox.left + bbox.width;
    if ((right ? x - room : x) < free) continue;
    ctx.textAlign = right ? 'right' : 'left';
    ctx.lineWidth = 3 * scale;
    ctx.strokeStyle = colors.ground;
    ctx.setLineDash([]);
    const at = x + (right ? -4 : 4) * scale;
    ctx.strokeText(label, at, bbox.top);
    ctx.fillStyle = colors.mark;
    ctx.fillText(label, at, bbox.top);
    ctx.lineWidth = scale;
    ctx.strokeStyle = colors.mark;
    ctx.setLineDash([3 * scale, 3 * scale]);
    free = right ? x : x + room;
  }
  ctx.restore();
}

/** How much higher than the lines a chart may grow for its exemplars; those beyond stand at its upper edge. */
const HIGHER = 2;

/** The upper end of a scale on which lines reach `linesMax`. */
export function withExemplars(linesMax: number, exemplars: readonly Exemplar[]): number {
  const highest = exemplars.reduce((most, one) => Math.max(most, one.value), 0);
  return Math.max(linesMax, Math.min(highest, linesMax * HIGHER));
}

/** Dots; those that failed are crosses, so that colour is not alone. */
export function drawExemplars(
  self: uPlot,
  exemplars: readonly Exemplar[],
  colors: OverlayColors,
): void {
  const { ctx, bbox } = self;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 6 * scale, bbox.width + 6 * scale, bbox.height + 12 * scale);
  ctx.clip();
  for (const one of exemplars) {
    const x = self.valToPos(one.timeMs, 'x', true);
    const size = DOT * scale;
    const y = Math.max(bbox.top + size, self.valToPos(one.value, 'y', true));
    ctx.beginPath();
    if (one.failed) {
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x + size, y - size);
      ctx.lineTo(x - size, y + size);
      ctx.lineWidth = 2 * scale;
      ctx.strokeStyle = colors.bad;
    } else {
      ctx.arc(x, y, size, 0, 2 * Math.PI);
      ctx.fillStyle = colors.good;
      ctx.fill();
      ctx.lineWidth = 1.5 * scale;
      ctx.strokeStyle = colors.ground;
    }
    ctx.stroke();
  }
  ctx.restore();
}

/** Steps from here on still fill: no line goes there, and the ground is hatched. */
export function hatchFrom(self: uPlot, fromMs: number, color: string): void {
  const { ctx, bbox } = self;
  const left = Math.max(bbox.left, self.valToPos(fromMs, 'x', true));
  hatch(
    ctx,
    { left, top: bbox.top, width: bbox.left + bbox.width - left, height: bbox.height },
    { color, scale: devicePixelRatio },
  );
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Thin slanted lines over a box. */
export function hatch(
  ctx: CanvasRenderingContext2D,
  { left, top, width, height }: Box,
  { color, scale }: { readonly color: string; readonly scale: number },
): void {
  if (width <= 0) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = scale;
  for (let x = left - height; x < left + width; x += 7 * scale) {
    ctx.beginPath();
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
    ctx.stroke();
  }
  ctx.restore();
}

/** How near the cursor points at a dot or a mark, px. */
const NEAR_DOT = 9;
const NEAR_MARK = 6;

/** Of what stands over the lines, that which the cursor points at. */
export function pointedAt(
  self: uPlot,
  {
    marks,
    exemplars,
  }: { readonly marks: readonly ChartMark[]; readonly exemplars: readonly Exemplar[] },
): { readonly mark?: ChartMark; readonly exemplar?: Exemplar } {
  const { left = -10, top = -10 } = self.cursor;
  const mark = nearest(
    marks,
    ({ timeMs }) => Math.abs(self.valToPos(timeMs, 'x') - left),
    NEAR_MARK,
  );
  const exemplar = nearest(
    exemplars,
    ({ timeMs, value }) =>
      Math.hypot(self.valToPos(timeMs, 'x') - left, Math.max(DOT, self.valToPos(value, 'y')) - top),
    NEAR_DOT,
  );
  return { ...(mark && { mark }), ...(exemplar && { exemplar }) };
}

/** The nearest that the cursor points at (px of the plot); undefined when none is near. */
function nearest<Thing>(
  things: readonly Thing[],
  distance: (thing: Thing) => number,
  most: number,
): Thing | undefined {
  let best: { readonly thing: Thing; readonly far: number } | undefined;
  for (const thing of things) {
    const far = distance(thing);
    if (far <= most && (best === undefined || far < best.far)) best = { thing, far };
  }
  return best?.thing;
}
