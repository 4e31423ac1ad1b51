import { clock, day } from '../format/time.ts';
import css from './time-chart.module.css';
import type { ChartSeries } from './time-chart.tsx';

interface ChartTableProps {
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  /** How many of the steps are whole. */
  readonly full: number;
  readonly format: (value: number) => string;
  readonly height: number;
}

const DAY_MS = 86_400_000;

/** What a chart shows, as rows: the newest first. */
export function ChartTable({ label, timesMs, series, full, format, height }: ChartTableProps) {
  const long = (timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0) > DAY_MS;
  return (
    <div
      className={css.tableScroll}
      style={{ height }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((one) => (
              <th key={one.label} scope="col">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {timesMs
            .map((time, index) => (
              <tr key={time}>
                <th scope="row">
                  {long ? day(time) : clock(time)}
                  {index >= full && <span className={css.soFar}> so far</span>}
                </th>
                {series.map((one) => {
                  const value = one.values[index] ?? null;
                  return (
                    <td key={one.label} title={value === null ? undefined : String(value)}>
                      {value === null ? '–' : format(value)}
                    </td>
                  );
                })}
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </div>
  );
}
