// Spans in order under one time axis: the critical path bright, the rest faded. Only what is on screen is drawn.
// One stop for the keyboard: arrows move its cursor, Enter opens the span, left and right close and open what is below.

import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent } from 'react';
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
import { treeStep } from './tree-keys.ts';
import type { Row } from './visible-spans.ts';
import { scaled, type Zoom, zoomTo } from './zoom.ts';

const ROW = 30;

interface WaterfallProps {
  readonly trace: TraceDetail;
  readonly rows: readonly Row[];
  readonly critical: ReadonlyMap<string, boolean>;
  readonly text: string;
  readonly chosen: string | undefined;
  /** `follow`: the drawer is open already and goes along with the cursor. */
  readonly onChoose: (spanId: string, options?: { readonly follow: boolean }) => void;
  readonly onToggle: (spanId: string) => void;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
}

export function Waterfall({
  trace,
  rows,
  critical,
  text,
  chosen,
  onChoose,
  onToggle,
  zoom,
  onZoom,
}: WaterfallProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const narrow = useMedia(NARROW);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const ticks = narrow ? [0, 1] : [0, 0.25, 0.5, 0.75, 1];
  const [cursor, setCursor] = useState(chosen);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    if (chosen !== undefined) setCursor(chosen);
  }, [chosen]);
  const scrollTo = useEffectEvent((spanId: string | undefined) => {
    const index = rows.findIndex((one) => one.span.spanId === spanId);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'auto' });
  });
  // Only a cursor that moved scrolls, not every redraw.
  useEffect(() => scrollTo(cursor), [cursor]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A toggle that was clicked keeps its own keys.
    if ((event.key === 'Enter' || event.key === ' ') && isButton(event.target)) return;
    const at = rows.findIndex((one) => one.span.spanId === cursor);
    const step = treeStep(event.key, rows, at);
    const zoomed = zoomOf(event.key, zoom, trace, rows[at]?.span);
    if (zoomed) onZoom(zoomed);
    else if (!step) return;
    else if ('toggle' in step) onToggle(step.toggle);
    else if ('open' in step) onChoose(step.open);
    else {
      const { spanId } = rows[step.to]!.span;
      setCursor(spanId);
      // With the drawer open, it follows.
      if (chosen !== undefined) onChoose(spanId, { follow: true });
    }
    event.preventDefault();
  };
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
              {duration(zoom.fromNs + share * (zoom.toNs - zoom.fromNs))}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={scroll}
        className={css.rows}
        role="tree"
        aria-label="Spans. Arrow keys move, Enter opens, Z looks closer at a span, 0 at all of the trace."
        aria-activedescendant={cursor === undefined ? undefined : `span-${cursor}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => {
          setFocused(true);
          setCursor((old) => old ?? rows[0]?.span.spanId);
        }}
        onBlur={() => setFocused(false)}
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
                id={`span-${span.spanId}`}
                role="treeitem"
                aria-level={span.depth + 1}
                aria-selected={span.spanId === chosen}
                aria-expanded={row.children > 0 ? !row.collapsed : undefined}
                tabIndex={-1}
                className={`${css.row} ${span.spanId === chosen ? css.rowChosen : ''} ${focused && span.spanId === cursor ? css.rowCursor : ''} ${faded ? css.faded : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => onChoose(span.spanId)}
                onDoubleClick={() => onZoom(zoomTo(span))}
              >
                <span
                  className={css.name}
                  style={{ paddingLeft: 8 + Math.min(span.depth, 24) * 14 }}
                >
                  {row.children > 0 ? (
                    <button
                      type="button"
                      className={css.toggle}
                      // The tree is one stop: its arrow keys do the same.
                      tabIndex={-1}
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
                <Bar span={span} zoom={zoom} trace={trace} room={narrow ? 36 : 12} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function isButton(target: EventTarget): boolean {
  return (target as Element).closest('button') !== null;
}

/** What a key that zooms makes of the part that is shown. */
function zoomOf(
  key: string,
  zoom: Zoom,
  trace: TraceDetail,
  span: TraceSpan | undefined,
): Zoom | undefined {
  if (key === 'z') return span && zoomTo(span);
  if (key === '0') return { fromNs: 0, toNs: trace.durationNs };
  if (key === '+' || key === '=') return scaled(zoom, 0.5);
  return key === '-' ? scaled(zoom, 2) : undefined;
}

function Bar({
  span,
  zoom,
  trace,
  room,
}: {
  readonly span: TraceSpan;
  readonly zoom: Zoom;
  readonly trace: TraceDetail;
  /** What its figure takes of the width, percent. */
  readonly room: number;
}) {
  const size = Math.max(1, zoom.toNs - zoom.fromNs);
  const place = (ns: number) => ((ns - zoom.fromNs) / size) * 100;
  const [left, right] = [place(span.offsetNs), place(span.offsetNs + span.durationNs)];
  const parts = trace.criticalPath.filter((part) => part.spanId === span.spanId);
  // Beside the bar where there is room, at the edge when the bar goes beyond it.
  const [from, to] = [Math.max(0, left), Math.min(100, right)];
  const [after, before] = [to <= 100 - room, from >= room];
  const label = after
    ? { left: `${to + 0.6}%` }
    : { right: before ? `${100 - from + 0.6}%` : `${100 - to + 0.8}%` };
  return (
    <span className={css.track}>
      <span
        className={css.bar}
        style={{
          left: `${left}%`,
          width: `max(2px, ${right - left}%)`,
          background: serviceColor(span.service),
        }}
      />
      {parts.map((part) => (
        <span
          key={part.fromNs}
          className={css.critical}
          style={{
            left: `${place(part.fromNs)}%`,
            width: `max(1px, ${((part.toNs - part.fromNs) / size) * 100}%)`,
          }}
        />
      ))}
      {right < 0 || left > 100 ? (
        <span className={css.away} style={right < 0 ? { left: 4 } : { right: 4 }}>
          {right < 0 ? '‹' : '›'} {duration(span.durationNs)}
        </span>
      ) : (
        <span className={`${css.time} ${after || before ? '' : css.timeInside}`} style={label}>
          {duration(span.durationNs)}
        </span>
      )}
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
