import { clock, day } from '../format/time.ts';
import css from './time-chart.module.css';
import type { ChartSeries } from './time-chart.tsx';

/** A place of the cursor: which step, and where in px. */
export interface Hover {
  readonly index: number;
  readonly left: number;
}

interface TooltipProps {
  readonly hover: Hover;
  readonly width: number;
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
}

/** The values at the cursor, largest first. */
export function Tooltip({ hover, width, timesMs, series, format }: TooltipProps) {
  const time = timesMs[hover.index];
  if (time === undefined) return null;
  const rows = series
    .map((one) => ({ ...one, value: one.values[hover.index] ?? null }))
    .toSorted((a, b) => (b.value ?? -1) - (a.value ?? -1));
  const right = hover.left > width / 2;
  return (
    <div
      className={`${css.tip} ${right ? css.tipLeft : css.tipRight}`}
      style={right ? { right: width - hover.left - 40 } : { left: hover.left + 66 }}
      aria-hidden
    >
      <div className={css.tipTime}>
        {Date.now() - time > 86_400_000 ? `${day(time)} ` : ''}
        {clock(time)}
      </div>
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
