import { useRef } from 'react';
import type { CompareAnswer } from '@clover/model';
import { duration } from '../../format/duration.ts';
import { percent } from '../../format/number.ts';
import { useSize } from '../../hooks/use-size.ts';
import { Link } from '../../router/link.tsx';
import css from './compare.module.css';

const HEIGHT = 190;

interface DistributionsProps {
  readonly histogram: CompareAnswer['histogram'];
  /** Traces of a side with durations of a range. */
  readonly tracesOf: (side: 'a' | 'b', fromNs: number, toNs: number) => string;
}

/**
 * Both distributions over one axis, each as shares of its own side. A bar leads to the traces behind it: of B, or of A
 * where B has none.
 */
export function Distributions({ histogram, tracesOf }: DistributionsProps) {
  const root = useRef<HTMLDivElement>(null);
  const { width } = useSize(root);
  const { buckets } = histogram;
  const sum = (side: 'a' | 'b') =>
    Math.max(
      1,
      buckets.reduce((total, one) => total + one[side], 0),
    );
  const totals = { a: sum('a'), b: sum('b') };
  const top = Math.max(1e-9, ...buckets.flatMap((one) => [one.a / totals.a, one.b / totals.b]));
  const plot = HEIGHT - 22;
  const step = width / Math.max(1, buckets.length);
  const line = (side: 'a' | 'b') =>
    buckets
      .map(
        (one, index) =>
          `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${(plot - (one[side] / totals[side] / top) * (plot - 6)).toFixed(1)}H${((index + 1) * step).toFixed(1)}`,
      )
      .join('');
  const labels =
    buckets.length === 0 ? [] : [0, Math.floor(buckets.length / 2), buckets.length - 1];
  return (
    <div ref={root} style={{ height: HEIGHT }}>
      {buckets.length === 0 ? (
        <p className={css.quiet}>No durations on one of the sides.</p>
      ) : (
        <svg
          width={width}
          height={HEIGHT}
          role="group"
          aria-label="Distributions of durations of A and B"
        >
          <path d={`${line('a')}V${plot}H0Z`} className={css.areaA} />
          <path d={line('a')} className={css.lineA} />
          <path d={`${line('b')}V${plot}H0Z`} className={css.areaB} />
          <path d={line('b')} className={css.lineB} />
          {buckets.map((one, index) => {
            const side = one.b > 0 ? 'b' : 'a';
            const bar = (
              <rect
                x={index * step}
                width={step}
                y={0}
                height={plot}
                className={css.bucket}
                key={one.fromNs}
              >
                <title>{`${duration(one.fromNs)} – ${duration(one.toNs)}\nA ${percent(one.a / totals.a)} · B ${percent(one.b / totals.b)}\nclick: such traces of ${side.toUpperCase()}`}</title>
              </rect>
            );
            if (one.a + one.b === 0) return bar;
            return (
              <Link
                key={one.fromNs}
                to={tracesOf(side, one.fromNs, one.toNs)}
                aria-label={`Traces of ${side.toUpperCase()} of ${duration(one.fromNs)} – ${duration(one.toNs)}`}
              >
                {bar}
              </Link>
            );
          })}
          {labels.map((index, at) => (
            <text
              key={index}
              x={at === 0 ? 0 : at === 1 ? width / 2 : width}
              y={HEIGHT - 5}
              textAnchor={at === 0 ? 'start' : at === 1 ? 'middle' : 'end'}
              className={css.tick}
            >
              {duration(at === 2 ? buckets[index]!.toNs : buckets[index]!.fromNs)}
            </text>
          ))}
        </svg>
      )}
    </div>
  );
}
