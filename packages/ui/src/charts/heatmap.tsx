// Durations over time: darker is more (log counts), red is failed. A brush leads to what lies under it.

import { useEffect, useRef, useState, type PointerEvent } from 'react';
import type { LatencyHeatmap } from '@clover/model';
import { duration } from '../format/duration.ts';
import { compact } from '../format/number.ts';
import { axisLabel, clock } from '../format/time.ts';
import { timeTicks } from '../format/time-ticks.ts';
import { useSize } from '../hooks/use-size.ts';
import { useTheme } from '../hooks/use-theme.ts';
import css from './heatmap.module.css';
import { ramp } from './ramp.ts';

export interface Brush {
  readonly startMs: number;
  readonly endMs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

interface HeatmapProps {
  readonly data: LatencyHeatmap;
  readonly height?: number;
  readonly onBrush?: (brush: Brush) => void;
}

const LEFT = 56;
const BOTTOM = 24;
const DRAG_PX = 5;

export function Heatmap({ data, height = 240, onBrush }: HeatmapProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(root);
  const theme = useTheme();
  const [over, setOver] = useState<{ x: number; y: number } | undefined>();
  const [from, setFrom] = useState<{ x: number; y: number } | undefined>();
  const columns = data.timesMs.length;
  const rows = data.buckets.length;
  const inner = { width: Math.max(0, width - LEFT), height: height - BOTTOM };
  const cell = {
    width: inner.width / Math.max(1, columns),
    height: inner.height / Math.max(1, rows),
  };
  const max = Math.max(1, ...data.counts.flat());

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const scale = devicePixelRatio;
    element.width = width * scale;
    element.height = height * scale;
    context.scale(scale, scale);
    context.clearRect(0, 0, width, height);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const count = data.counts[column]![row]!;
        if (count === 0) continue;
        const failed = data.errors[column]![row]!;
        context.fillStyle = ramp(Math.log1p(count) / Math.log1p(max), theme, failed > count / 2);
        const x = LEFT + column * cell.width;
        const y = inner.height - (row + 1) * cell.height;
        context.fillRect(
          x,
          y,
          Math.max(1, cell.width - (cell.width > 4 ? 1 : 0)),
          Math.max(1, cell.height - (cell.height > 4 ? 1 : 0)),
        );
      }
    }
    const style = getComputedStyle(element);
    context.fillStyle = style.getPropertyValue('--text-3');
    context.font = '11px "Inter Variable"';
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    const every = Math.max(1, Math.ceil(rows / Math.max(2, Math.floor(inner.height / 34))));
    for (let row = 0; row < rows; row += every)
      context.fillText(
        duration(data.buckets[row]!.fromNs),
        LEFT - 8,
        Math.min(inner.height - 6, inner.height - row * cell.height),
      );
    context.textAlign = 'center';
    const range = columns * data.stepMs;
    const first = data.timesMs[0] ?? 0;
    for (const time of timeTicks(first, first + range, Math.max(2, Math.floor(inner.width / 80)))) {
      const x = LEFT + ((time - first) / Math.max(1, range)) * inner.width;
      context.fillText(axisLabel(time, range), Math.min(x, width - 22), height - 9);
    }
  }, [
    data,
    width,
    height,
    theme,
    columns,
    rows,
    max,
    cell.width,
    cell.height,
    inner.width,
    inner.height,
  ]);

  const at = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      x: Math.min(Math.max(event.clientX - box.left, LEFT), width - 1),
      y: Math.min(Math.max(event.clientY - box.top, 0), inner.height - 1),
    };
  };
  const columnAt = (x: number) =>
    Math.min(columns - 1, Math.max(0, Math.floor((x - LEFT) / cell.width)));
  const rowAt = (y: number) =>
    Math.min(rows - 1, Math.max(0, Math.floor((inner.height - y) / cell.height)));
  const finish = (event: PointerEvent) => {
    if (!from || !onBrush) return setFrom(undefined);
    const to = at(event);
    setFrom(undefined);
    const small = Math.abs(to.x - from.x) < DRAG_PX && Math.abs(to.y - from.y) < DRAG_PX;
    const [left, right] = [columnAt(Math.min(from.x, to.x)), columnAt(Math.max(from.x, to.x))];
    const [low, high] = small
      ? [rowAt(to.y), rowAt(to.y)]
      : [rowAt(Math.max(from.y, to.y)), rowAt(Math.min(from.y, to.y))];
    return onBrush({
      startMs: data.timesMs[left]!,
      endMs: data.timesMs[right]! + data.stepMs,
      minNs: data.buckets[low]!.fromNs,
      maxNs: data.buckets[high]!.toNs,
    });
  };
  const hovered =
    over && columns > 0 ? { column: columnAt(over.x), row: rowAt(over.y) } : undefined;
  const count = hovered ? data.counts[hovered.column]![hovered.row]! : 0;

  return (
    <div
      ref={root}
      className={css.root}
      style={{ height }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(at(event));
      }}
      onPointerMove={(event) => setOver(at(event))}
      onPointerUp={finish}
      onPointerLeave={() => setOver(undefined)}
    >
      <canvas
        ref={canvas}
        className={css.canvas}
        role="img"
        aria-label="Heatmap of durations over time"
      />
      {from && over && (
        <div
          className={css.brush}
          style={{
            left: Math.min(from.x, over.x),
            top: Math.min(from.y, over.y),
            width: Math.abs(over.x - from.x),
            height: Math.abs(over.y - from.y),
          }}
        />
      )}
      {hovered && over && count > 0 && !from && (
        <div
          className={css.tip}
          style={
            over.x > width / 2
              ? { right: width - over.x + 12, top: over.y }
              : { left: over.x + 12, top: over.y }
          }
        >
          <strong>{compact(count)}</strong> of {duration(data.buckets[hovered.row]!.fromNs)} –{' '}
          {duration(data.buckets[hovered.row]!.toNs)}
          <br />
          {clock(data.timesMs[hovered.column]!)}
          {data.errors[hovered.column]![hovered.row]! > 0 &&
            ` · ${compact(data.errors[hovered.column]![hovered.row]!)} failed`}
        </div>
      )}
    </div>
  );
}
