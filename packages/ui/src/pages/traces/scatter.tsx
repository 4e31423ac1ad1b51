// Each trace a dot: when and how long. Failed ones are red crosses, so that colour is not alone.

import { useMemo, useRef, useState } from 'react';
import type { TraceSummary } from '@clover/model';
import { serviceColor } from '../../domain/service-color.ts';
import { traceWords } from '../../domain/request-line.ts';
import { duration } from '../../format/duration.ts';
import { axisLabel, clockMs } from '../../format/time.ts';
import { timeTicks } from '../../format/time-ticks.ts';
import { useSize } from '../../hooks/use-size.ts';
import css from './traces.module.css';

const HEIGHT = 170;
const LEFT = 56;
const BOTTOM = 22;
const TOP = 8;

interface ScatterProps {
  readonly rows: readonly TraceSummary[];
  readonly hovered: string | undefined;
  readonly onOpen: (traceId: string) => void;
}

export function Scatter({ rows, hovered, onOpen }: ScatterProps) {
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const [over, setOver] = useState<TraceSummary | undefined>();
  const times = rows.map((one) => Number(one.startTimeUnixNano) / 1e6);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const longest = Math.max(...rows.map((one) => one.durationNs), 1);
  const shortest = Math.max(1, Math.min(...rows.map((one) => one.durationNs)));
  const log = longest / shortest > 30;
  const x = (one: TraceSummary) =>
    LEFT +
    6 +
    ((Number(one.startTimeUnixNano) / 1e6 - from) / Math.max(1, to - from)) *
      Math.max(0, width - LEFT - 14);
  const share = (ns: number) =>
    log ? Math.log(Math.max(ns, shortest) / shortest) / Math.log(longest / shortest) : ns / longest;
  const y = (ns: number) => TOP + (1 - share(ns)) * (HEIGHT - BOTTOM - TOP - 6);
  const ticks = useMemo(
    () => (log ? logTicks(shortest, longest) : [0, longest / 2, longest]),
    [log, shortest, longest],
  );
  if (rows.length === 0) return <div ref={root} style={{ height: HEIGHT }} />;
  const axisTimes = timeTicks(from, to, Math.max(2, Math.min(8, Math.floor(width / 110))));
  return (
    <div ref={root} className={css.scatter} style={{ height: HEIGHT }}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${rows.length} traces by time and duration${log ? ', logarithmic' : ''}`}
      >
        {ticks.map((ns) => (
          <g key={ns}>
            <line x1={LEFT} x2={width} y1={y(ns)} y2={y(ns)} className={css.gridLine} />
            <text x={LEFT - 8} y={y(ns)} className={css.tickY}>
              {duration(ns)}
            </text>
          </g>
        ))}
        {axisTimes.map((time) => (
          <text
            key={time}
            x={LEFT + 6 + ((time - from) / Math.max(1, to - from)) * (width - LEFT - 14)}
            y={HEIGHT - 6}
            className={css.tickX}
            textAnchor={
              time - from < (to - from) * 0.04
                ? 'start'
                : to - time < (to - from) * 0.04
                  ? 'end'
                  : 'middle'
            }
          >
            {axisLabel(time, to - from)}
          </text>
        ))}
        {rows.map((one) => (
          <g
            key={one.traceId}
            transform={`translate(${x(one).toFixed(1)} ${y(one.durationNs).toFixed(1)})`}
            className={css.dot}
            onPointerEnter={() => setOver(one)}
            onPointerLeave={() => setOver(undefined)}
            onClick={() => onOpen(one.traceId)}
          >
            <circle r={10} fill="transparent" />
            {one.errors > 0 ? (
              <path
                d="M-3.6 -3.6L3.6 3.6M3.6 -3.6L-3.6 3.6"
                stroke="var(--mark-5xx)"
                strokeWidth={2.2}
                strokeLinecap="round"
              />
            ) : (
              <circle
                r={one.traceId === hovered ? 6 : 4}
                fill={serviceColor(one.rootService)}
                fillOpacity={0.72}
              />
            )}
          </g>
        ))}
      </svg>
      {over && (
        <div
          className={css.tip}
          style={
            x(over) > width / 2
              ? { right: width - x(over) + 12, top: Math.min(y(over.durationNs), HEIGHT - 64) }
              : { left: x(over) + 12, top: Math.min(y(over.durationNs), HEIGHT - 64) }
          }
        >
          <strong>{duration(over.durationNs)}</strong> {traceWords(over)} {over.rootService}
          <br />
          {clockMs(Number(over.startTimeUnixNano) / 1e6)} · {over.spans} spans
          {over.errors > 0 && ` · ${over.errors} failed`}
        </div>
      )}
    </div>
  );
}

/** Powers of ten within the range. */
function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.floor(Math.log10(high)); power++)
    ticks.push(10 ** power);
  return ticks;
}
