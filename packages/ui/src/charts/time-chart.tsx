// Lines over time (uPlot): gaps are gaps, drag zooms the page's range, all charts of a page share a cursor. Over the
// lines stand what happened to the rules, and single traces as dots.

import { useEffect, useEffectEvent, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import uPlot, { type AlignedData, type Options, type Series } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { WholeSteps } from '@clover/model';
import { wholeRange } from '@clover/model/whole-steps';
import { clock } from '../format/time.ts';
import { useMarks } from '../hooks/use-marks.ts';
import { setRange, setSince } from '../hooks/use-scope.ts';
import { useSize } from '../hooks/use-size.ts';
import { useTheme } from '../hooks/use-theme.ts';
import { navigate, setSearch, useLocation } from '../router/location.ts';
import { chartAxes } from './chart-axes.ts';
import { nextIndex } from './chart-keys.ts';
import { chartId } from './chart-link.ts';
import {
  drawExemplars,
  drawMarks,
  type Exemplar,
  hatchFrom,
  pointedAt,
  withExemplars,
} from './chart-overlay.ts';
import { ChartTable } from './chart-table.tsx';
import { ChartTools } from './chart-tools.tsx';
import { type Hover, Tooltip } from './chart-tooltip.tsx';
import { decades } from './log-scale.ts';
import { resolveColor } from './resolve-color.ts';
import { stack } from './stack.ts';
import css from './time-chart.module.css';

export interface ChartSeries {
  readonly label: string;
  /** CSS colour; may be `var(--…)` or `light-dark(…)`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly fill?: boolean;
  readonly dash?: boolean;
}

interface TimeChartProps {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly stepMs: number;
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** Charts of one group move their cursors together. */
  readonly syncKey?: string;
  /** Stacked areas instead of lines. */
  readonly stacked?: boolean;
  /** Lines go through whole steps only; those that still fill have values at the cursor, on hatched ground. */
  readonly whole?: WholeSteps;
  /** A click leads to what happened then. */
  readonly onPick?: (timeMs: number) => void;
  /** Durations: the y axis can be logarithmic, for all such charts of the page at once. */
  readonly latency?: boolean;
  /** Single traces; a click on one opens it. */
  readonly exemplars?: readonly Exemplar[];
}

const NO_EXEMPLARS: readonly Exemplar[] = [];

export function TimeChart({
  label,
  timesMs: allTimesMs,
  stepMs,
  series: allSeries,
  format,
  height = 180,
  syncKey = 'page',
  stacked = false,
  whole,
  onPick,
  latency = false,
  exemplars = NO_EXEMPLARS,
}: TimeChartProps) {
  const [first, after] = whole ? wholeRange(allTimesMs, whole) : [0, allTimesMs.length];
  const timesMs = useMemo(() => allTimesMs.slice(first), [allTimesMs, first]);
  /** How many of the steps shown are whole. */
  const full = after - first;
  const series = useMemo(
    () => allSeries.map((one) => ({ ...one, values: one.values.slice(first) })),
    [allSeries, first],
  );
  const log = useLocation().search.get('y') === 'log' && latency;
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const theme = useTheme();
  const [hover, setHover] = useState<Hover | undefined>();
  const [table, setTable] = useState(false);
  const id = chartId(label);
  const pick = useRef(onPick);
  pick.current = onPick;
  const shape = `${series.map((one) => `${one.label} ${one.color} ${one.fill ?? ''}`).join('|')} ${stacked} ${log} ${theme} ${height} ${syncKey}`;
  const drawn = useMemo(() => {
    const lines = series.map((one) => ({
      ...one,
      values: one.values.map((value, index) =>
        // A logarithm has no place for nothing.
        index >= full || (log && value === 0) ? null : value,
      ),
    }));
    return stacked ? stack(lines) : lines.map((one) => one.values);
  }, [series, stacked, log, full]);
  const marks = useMarks(timesMs[0], timesMs.length > 0 ? timesMs.at(-1)! + stepMs : undefined);
  const over = useRef({ marks, exemplars });
  over.current = { marks, exemplars };
  const plot = useRef<uPlot | undefined>(undefined);
  const formatter = useRef(format);
  formatter.current = format;
  const hatchedFromMs = useRef<number | undefined>(undefined);
  hatchedFromMs.current =
    whole && whole.incompleteFromMs < (timesMs.at(-1) ?? 0) + stepMs
      ? whole.incompleteFromMs - stepMs / 2
      : undefined;

  const begin = useEffectEvent((element: HTMLElement) => {
    const style = getComputedStyle(element);
    const color = (value: string) => resolveColor(element, value);
    const muted = style.getPropertyValue('--text-3').trim();
    const ground = style.getPropertyValue('--surface-1').trim();
    const grid = style.getPropertyValue('--grid').trim();
    const bad = color('var(--mark-5xx)');
    const order = stacked
      ? series.map((_, index) => series.length - 1 - index)
      : series.map((_, index) => index);
    const options: Options = {
      width,
      height,
      // Room for half of the last label, seconds and all.
      padding: [8, 30, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: syncKey, setSeries: false },
        drag: { x: true, y: false, dist: 4 },
        points: { size: 6, width: 1.5 },
        bind: {
          dblclick: () => () => {
            setSince('15m');
            return null;
          },
        },
      },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false },
        y: log
          ? { distr: 3, log: 10, range: (_, min, max) => decades(min, max) }
          : {
              range: (_, min, max) => [
                Math.min(0, min),
                max <= 0 ? 1 : withExemplars(max, over.current.exemplars) * 1.08,
              ],
            },
      },
      axes: chartAxes({ muted, grid, log, format: (value) => formatter.current(value) }),
      series: [
        {},
        ...order.map((index): Series => {
          const one = series[index]!;
          const stroke = color(one.color);
          return {
            label: one.label,
            stroke,
            width: stacked ? 1 : 1.6,
            ...(one.dash && { dash: [4, 4] }),
            ...((one.fill || stacked) && {
              // Stacked areas lie over each other: opaque, or the colours would mix.
              fill: stacked
                ? `color-mix(in oklch, ${stroke} 62%, ${ground})`
                : `color-mix(in oklch, ${stroke} 14%, transparent)`,
            }),
            // One value alone makes no line.
            points: {
              show: (self, at) => Array.from(self.data[at] ?? []).filter(isKnown).length === 1,
            },
            spanGaps: false,
          };
        }),
      ],
      hooks: {
        setSelect: [
          (self) => {
            const { left, width: size } = self.select;
            if (size > 4) setRange(self.posToVal(left, 'x'), self.posToVal(left + size, 'x'));
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [
          (self) => {
            const { idx, left } = self.cursor;
            setHover(
              idx === null || idx === undefined || left === undefined || left < 0
                ? undefined
                : { index: idx, left, ...pointedAt(self, over.current) },
            );
          },
        ],
        drawClear: [
          (self) => {
            if (hatchedFromMs.current !== undefined) hatchFrom(self, hatchedFromMs.current, grid);
          },
        ],
        draw: [
          (self) => {
            const colors = { mark: muted, ground, good: color('var(--info)'), bad };
            drawMarks(self, over.current.marks, colors);
            drawExemplars(self, over.current.exemplars, colors);
          },
        ],
      },
    };
    const data = [timesMs, ...order.map((index) => drawn[index]!)] as unknown as AlignedData;
    const chart = new uPlot(options, data, element);
    plot.current = chart;
    const click = () => {
      const { idx } = chart.cursor;
      const { exemplar } = pointedAt(chart, over.current);
      if (exemplar) navigate(exemplar.to);
      else if (pick.current && idx !== null && idx !== undefined && chart.select.width === 0)
        pick.current(chart.data[0][idx]!);
    };
    chart.over.addEventListener('click', click);
    return () => {
      plot.current = undefined;
      chart.destroy();
    };
  });
  const wide = width > 0;
  // The data are set below; only another shape makes another chart.
  useEffect(() => (root.current && wide ? begin(root.current) : undefined), [shape, wide]);

  useEffect(() => {
    const order = stacked ? drawn.toReversed() : drawn;
    plot.current?.setData([timesMs, ...order] as unknown as AlignedData);
    // Exemplars stretch the scale.
  }, [drawn, timesMs, stacked, exemplars]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);
  useEffect(() => plot.current?.redraw(false), [marks]);

  const figure = useRef<HTMLElement>(null);
  useEffect(() => {
    if (window.location.hash === `#${id}`) figure.current?.scrollIntoView({ block: 'center' });
  }, [id]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || !plot.current) return;
    const next = nextIndex(event.key, hover?.index, timesMs.length);
    if (next !== undefined) {
      event.preventDefault();
      plot.current.setCursor({ left: plot.current.valToPos(timesMs[next]!, 'x'), top: 8 });
    } else if (event.key === 'Enter' && hover && onPick) onPick(timesMs[hover.index]!);
    else if (event.key === 'Escape' && hover) plot.current.setCursor({ left: -10, top: -10 });
  };

  return (
    <figure
      ref={figure}
      id={id}
      className={css.chart}
      tabIndex={0}
      aria-label={`${label}: ${series.map((one) => one.label).join(', ')}. Arrow keys move the cursor.`}
      onKeyDown={onKeyDown}
    >
      <div
        ref={root}
        className={`${css.plot} ${onPick ? css.pickable : ''} ${hover?.exemplar ? css.pointing : ''}`}
        style={table ? { display: 'none' } : { height }}
      />
      {table && (
        <ChartTable
          label={`${label} as a table`}
          timesMs={timesMs}
          series={series}
          full={full}
          format={format}
          height={height}
        />
      )}
      {timesMs.length > 0 && (
        <ChartTools
          label={label}
          id={id}
          table={table}
          onTable={setTable}
          log={latency ? log : undefined}
          onLog={(next) => setSearch({ y: next ? 'log' : null }, { replace: true })}
          startMs={timesMs[0]}
          endMs={timesMs.at(-1)! + stepMs}
        />
      )}
      {hover && !table && (
        <Tooltip
          hover={hover}
          width={width}
          timesMs={timesMs}
          series={series}
          full={full}
          format={format}
        />
      )}
      <output className="visually-hidden">
        {hover && !table && document.activeElement === figure.current
          ? `${clock(timesMs[hover.index] ?? 0)}${hover.index < full ? '' : ', so far'}: ${series.map((one) => spoken(one, hover.index, format)).join(', ')}`
          : ''}
      </output>
    </figure>
  );
}

const isKnown = (value: number | null | undefined) => value !== null && value !== undefined;

function spoken(one: ChartSeries, index: number, format: (value: number) => string): string {
  const value = one.values[index] ?? null;
  return `${one.label} ${value === null ? 'none' : format(value)}`;
}
