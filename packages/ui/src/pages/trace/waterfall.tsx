// Spans in order under one time axis: the critical path bright, the rest faded. Only what is on screen is drawn.

import { useEffect, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  IconAlertCircle,
  IconChevronDown,
  IconChevronRight,
  IconUnlink,
} from '@tabler/icons-react';
import type { TraceDetail, TraceSpan } from '@clover/model';
import { serviceColor } from '../../domain/service-color.ts';
import { duration } from '../../format/duration.ts';
import { NARROW, useMedia } from '../../hooks/use-media.ts';
import css from './trace.module.css';
import type { Row } from './visible-spans.ts';

const ROW = 30;

interface WaterfallProps {
  readonly trace: TraceDetail;
  readonly rows: readonly Row[];
  readonly critical: ReadonlyMap<string, boolean>;
  readonly text: string;
  readonly chosen: string | undefined;
  readonly onChoose: (spanId: string) => void;
  readonly onToggle: (spanId: string) => void;
}

export function Waterfall({
  trace,
  rows,
  critical,
  text,
  chosen,
  onChoose,
  onToggle,
}: WaterfallProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const narrow = useMedia(NARROW);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const total = Math.max(1, trace.durationNs);
  const ticks = narrow ? [0, 0.5] : [0, 0.25, 0.5, 0.75, 1];
  useEffect(() => {
    const index = rows.findIndex((one) => one.span.spanId === chosen);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
    // Only a newly chosen span scrolls, not every redraw.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chosen]);
  const find = text.trim().toLowerCase();
  return (
    <div className={css.waterfall}>
      <div className={css.axis} aria-hidden>
        <span className={css.axisName}>
          {rows.length} spans <em>· critical path bright</em>
        </span>
        <span className={css.axisTime}>
          {ticks.map((share) => (
            <span key={share} style={{ left: `${share * 100}%` }}>
              {duration(share * total)}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={scroll}
        className={css.rows}
        role="tree"
        aria-label="Spans"
        tabIndex={0}
        style={{ maxHeight: Math.max(300, Math.min(rows.length * ROW + 8, 620)) }}
      >
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]!;
            const { span } = row;
            const faded = find !== '' ? !matches(span, find) : !critical.has(span.spanId);
            return (
              <div
                key={span.spanId + index}
                role="treeitem"
                aria-level={span.depth + 1}
                aria-selected={span.spanId === chosen}
                aria-expanded={row.children > 0 ? !row.collapsed : undefined}
                tabIndex={-1}
                className={`${css.row} ${span.spanId === chosen ? css.rowChosen : ''} ${faded ? css.faded : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => onChoose(span.spanId)}
              >
                <span
                  className={css.name}
                  style={{ paddingLeft: 8 + Math.min(span.depth, 24) * 14 }}
                >
                  {row.children > 0 ? (
                    <button
                      type="button"
                      className={css.toggle}
                      aria-label={
                        row.collapsed ? `Show ${row.children} below` : 'Hide what is below'
                      }
                      onClick={(event) => {
                        event.stopPropagation();
                        onToggle(span.spanId);
                      }}
                    >
                      {row.collapsed ? (
                        <IconChevronRight size={13} />
                      ) : (
                        <IconChevronDown size={13} />
                      )}
                    </button>
                  ) : (
                    <span className={css.toggle} />
                  )}
                  <span
                    className={css.swatch}
                    style={{ background: serviceColor(span.service) }}
                    aria-hidden
                  />
                  <span className={css.label} title={`${span.service} ${span.name}`}>
                    <strong>{span.service}</strong> {span.name}
                  </span>
                  {row.collapsed && <span className={css.more}>+{row.children}</span>}
                  {span.failed && (
                    <IconAlertCircle size={14} className={css.bad} aria-label="failed" />
                  )}
                  {span.orphan && (
                    <span title="Its parent never came">
                      <IconUnlink size={14} className={css.warn} aria-label="orphan" />
                    </span>
                  )}
                </span>
                <Bar span={span} total={total} trace={trace} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Bar({
  span,
  total,
  trace,
}: {
  readonly span: TraceSpan;
  readonly total: number;
  readonly trace: TraceDetail;
}) {
  const left = (span.offsetNs / total) * 100;
  const width = (span.durationNs / total) * 100;
  const parts = trace.criticalPath.filter((part) => part.spanId === span.spanId);
  const color = serviceColor(span.service);
  return (
    <span className={css.track}>
      <span
        className={css.bar}
        style={{ left: `${left}%`, width: `max(2px, ${width}%)`, background: color }}
      />
      {parts.map((part) => (
        <span
          key={part.fromNs}
          className={css.critical}
          style={{
            left: `${(part.fromNs / total) * 100}%`,
            width: `max(1px, ${((part.toNs - part.fromNs) / total) * 100}%)`,
          }}
        />
      ))}
      <span
        className={css.time}
        style={
          left + width > 70 ? { right: `${100 - left + 0.6}%` } : { left: `${left + width + 0.6}%` }
        }
      >
        {duration(span.durationNs)}
      </span>
    </span>
  );
}

function matches(span: TraceSpan, find: string): boolean {
  return [
    span.name,
    span.service,
    span.statusMessage,
    ...Object.entries(span.attributes).map(([key, value]) => `${key}=${String(value)}`),
  ].some((one) => one.toLowerCase().includes(find));
}
