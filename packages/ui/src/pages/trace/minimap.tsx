import type { TraceDetail } from '@clover/model';
import { serviceColor } from '../../domain/service-color.ts';
import css from './trace.module.css';

const HEIGHT = 46;
const DRAWN = 400;

/** The whole trace at a glance: every span a line. */
export function Minimap({
  trace,
  critical,
}: {
  readonly trace: TraceDetail;
  readonly critical: ReadonlyMap<string, boolean>;
}) {
  const spans = trace.spans.slice(0, DRAWN);
  const total = Math.max(1, trace.durationNs);
  const line = (HEIGHT - 8) / Math.max(1, spans.length);
  return (
    <svg
      className={css.minimap}
      viewBox={`0 0 1000 ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {spans.map((span, index) => (
        <rect
          key={span.spanId + index}
          x={(span.offsetNs / total) * 1000}
          y={4 + index * line}
          width={Math.max(1.5, (span.durationNs / total) * 1000)}
          height={Math.max(0.8, Math.min(4, line * 0.75))}
          fill={span.failed ? 'var(--mark-5xx)' : serviceColor(span.service)}
          opacity={critical.has(span.spanId) ? 1 : 0.4}
        />
      ))}
    </svg>
  );
}
