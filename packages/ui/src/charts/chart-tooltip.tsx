import { useLayoutEffect, useRef, useState } from 'react';
import type { ChartMark, Exemplar } from './chart-overlay.ts';
import { clock, day } from '../format/time.ts';
import css from './time-chart.module.css';
import type { ChartSeries } from './time-chart.tsx';

/** A place of the cursor: which step, and where in px. */
export interface Hover {
  readonly index: number;
  readonly left: number;
  readonly mark?: ChartMark;
  readonly exemplar?: Exemplar;
}

interface TooltipProps {
  readonly hover: Hover;
  readonly width: number;
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  /** How many of the steps are whole. */
  readonly full: number;
  readonly format: (value: number) => string;
}

/** The values at the cursor, largest first. */
export function Tooltip({ hover, width, timesMs, series, full, format }: TooltipProps) {
  const tip = useRef<HTMLDivElement>(null);
  const [left, setLeft] = useState(0);
  // Beside the cursor, on the side with more room, and never beyond the chart.
  useLayoutEffect(() => {
    const own = tip.current?.offsetWidth ?? 0;
    const wanted = hover.left > width / 2 ? hover.left + 40 - own : hover.left + 66;
    setLeft(Math.max(0, Math.min(wanted, width - own)));
  }, [hover.left, width, hover.mark, hover.exemplar]);
  const time = timesMs[hover.index];
  if (time === undefined) return null;
  const rows = series
    .map((one) => ({ ...one, value: one.values[hover.index] ?? null }))
    .toSorted((a, b) => (b.value ?? -1) - (a.value ?? -1));
  return (
    <div ref={tip} className={css.tip} style={{ left }} aria-hidden>
      <div className={css.tipTime}>
        {Date.now() - time > 86_400_000 ? `${day(time)} ` : ''}
        {clock(time)}
        {hover.index >= full && <span className={css.soFar}> so far</span>}
      </div>
      {hover.exemplar && <div className={css.tipTrace}>{hover.exemplar.label}</div>}
      {hover.mark && <div className={css.tipMark}>{hover.mark.detail}</div>}
      {rows.slice(0, 10).map((one) => (
        <div key={one.label} className={css.tipRow}>
          <span className={css.swatch} style={{ background: one.color }} />
          <span className={css.tipLabel}>{one.label}</span>
          <span className={css.tipValue}>{one.value === null ? '–' : format(one.value)}</span>
        </div>
      ))}
    </div>
  );
}
