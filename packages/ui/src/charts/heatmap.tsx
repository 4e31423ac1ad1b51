// Durations over time: darker is more (log counts), red is failed. A brush, by mouse or by arrow keys with Shift, leads
// to what lies under it.

import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { LatencyHeatmap } from '@clover/model';
import { duration } from '../format/duration.ts';
import { compact } from '../format/number.ts';
import { axisLabel, clock } from '../format/time.ts';
import { timeTicks } from '../format/time-ticks.ts';
import { useSize } from '../hooks/use-size.ts';
import { useTheme } from '../hooks/use-theme.ts';
import { navigate } from '../router/location.ts';
import { hatch } from './chart-overlay.ts';
import { chartId } from './chart-link.ts';
import { ChartTools } from './chart-tools.tsx';
import { type Brush, brushOf, type Cell, movedCell } from './heatmap-cells.ts';
import { HeatmapTable } from './heatmap-table.tsx';
import css from './heatmap.module.css';
import { ramp } from './ramp.ts';

interface HeatmapProps {
  readonly label: string;
  readonly data: LatencyHeatmap;
  readonly height?: number;
  /** Where what lies under a brush is shown. */
  readonly brushTo: (brush: Brush) => string;
}

const LEFT = 56;
const BOTTOM = 24;
const DRAG_PX = 5;

export function Heatmap({ label, data, height = 240, brushTo }: HeatmapProps) {
  const figure = useRef<HTMLElement>(null);
  const id = chartId(label);
  const [table, setTable] = useState(false);
  /** Where the keyboard stands, and where its selection began. */
  const [keys, setKeys] = useState<{ readonly at: Cell; readonly from: Cell } | undefined>();
  /** A brush that met nothing. */
  const [missed, setMissed] = useState<{ x: number; y: number } | undefined>();
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
    const style = getComputedStyle(element);
    const filling = data.timesMs.filter((time) => time >= data.incompleteFromMs).length;
    hatch(
      context,
      {
        left: LEFT + (columns - filling) * cell.width,
        top: 0,
        width: filling * cell.width,
        height: inner.height,
      },
      { color: style.getPropertyValue('--grid'), scale: 1 },
    );
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
  const brush = (a: Cell, b: Cell, place: { x: number; y: number }) => {
    const met = brushOf(data, a, b);
    setMissed(met ? undefined : place);
    if (met) navigate(brushTo(met));
  };
  const cellAt = ({ x, y }: { x: number; y: number }) => ({ column: columnAt(x), row: rowAt(y) });
  const finish = (event: PointerEvent) => {
    setFrom(undefined);
    if (!from) return;
    const to = at(event);
    const small = Math.abs(to.x - from.x) < DRAG_PX && Math.abs(to.y - from.y) < DRAG_PX;
    brush(cellAt(small ? to : from), cellAt(to), to);
  };
  const boxOf = (a: Cell, b: Cell) => ({
    left: LEFT + Math.min(a.column, b.column) * cell.width,
    top: inner.height - (Math.max(a.row, b.row) + 1) * cell.height,
    width: (Math.abs(a.column - b.column) + 1) * cell.width,
    height: (Math.abs(a.row - b.row) + 1) * cell.height,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || table) return;
    const next = movedCell(event.key, keys?.at, data);
    if (next) setKeys({ at: next, from: event.shiftKey && keys ? keys.from : next });
    else if (event.key === 'Enter' && keys) {
      const { left, top } = boxOf(keys.at, keys.from);
      brush(keys.from, keys.at, { x: left, y: top });
    } else if (event.key === 'Escape' && keys) setKeys(undefined);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    if (window.location.hash === `#${id}`) figure.current?.scrollIntoView({ block: 'center' });
  }, [id]);
  const hovered =
    over && columns > 0 ? { column: columnAt(over.x), row: rowAt(over.y) } : undefined;
  const count = hovered ? data.counts[hovered.column]![hovered.row]! : 0;

  const kept = keys && keys.at.column < columns && keys.at.row < rows ? keys : undefined;

  return (
    <figure
      ref={figure}
      id={id}
      className={css.figure}
      tabIndex={0}
      aria-label={`${label}. Arrow keys move over it, with Shift they select, Enter shows what lies there.`}
      onKeyDown={onKeyDown}
      onBlur={() => setKeys(undefined)}
    >
      <div
        ref={root}
        className={css.root}
        style={table ? { display: 'none' } : { height }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setMissed(undefined);
          setFrom(at(event));
        }}
        onPointerMove={(event) => setOver(at(event))}
        onPointerUp={finish}
        onPointerLeave={() => {
          setOver(undefined);
          setMissed(undefined);
        }}
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
        {kept && <div className={css.keys} style={boxOf(kept.at, kept.from)} />}
        {missed && (
          <div className={css.tip} style={tipPlace(missed, width)} role="status">
            No requests there
          </div>
        )}
        {hovered && over && count > 0 && !from && !missed && (
          <div className={css.tip} style={tipPlace(over, width)}>
            <CellWords data={data} cell={hovered} />
          </div>
        )}
        {kept && !missed && (
          <div
            className={css.tip}
            style={tipPlace(
              { x: boxOf(kept.at, kept.at).left + cell.width, y: boxOf(kept.at, kept.at).top },
              width,
            )}
            role="status"
          >
            <CellWords data={data} cell={kept.at} />
          </div>
        )}
      </div>
      {table && (
        <div className={css.cells}>
          <HeatmapTable data={data} label={`${label} as a table`} brushTo={brushTo} />
        </div>
      )}
      <ChartTools
        label={label}
        id={id}
        table={table}
        onTable={setTable}
        startMs={data.timesMs[0]}
        endMs={columns > 0 ? data.timesMs.at(-1)! + data.stepMs : undefined}
      />
    </figure>
  );
}

function tipPlace({ x, y }: { readonly x: number; readonly y: number }, width: number) {
  return x > width / 2 ? { right: width - x + 12, top: y } : { left: x + 12, top: y };
}

function CellWords({ data, cell }: { readonly data: LatencyHeatmap; readonly cell: Cell }) {
  const bucket = data.buckets[cell.row]!;
  const errors = data.errors[cell.column]![cell.row]!;
  return (
    <>
      <strong>{compact(data.counts[cell.column]![cell.row]!)}</strong> of {duration(bucket.fromNs)}{' '}
      – {duration(bucket.toNs)}
      <br />
      {clock(data.timesMs[cell.column]!)}
      {data.timesMs[cell.column]! >= data.incompleteFromMs && ', so far'}
      {errors > 0 && ` · ${compact(errors)} failed`}
    </>
  );
}
