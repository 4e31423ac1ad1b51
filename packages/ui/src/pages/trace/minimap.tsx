// The whole trace at a glance, every span a line, however many. A drag looks closer, a double click at all of it again.

import { useEffect, useRef, useState, type PointerEvent } from 'react';
import type { TraceDetail } from '@clover/model';
import { resolveColor } from '../../charts/resolve-color.ts';
import { serviceColor } from '../../domain/service-color.ts';
import { useSize } from '../../hooks/use-size.ts';
import { useTheme } from '../../hooks/use-theme.ts';
import css from './trace.module.css';
import { isWhole, type Zoom } from './zoom.ts';

const HEIGHT = 46;
const DRAG_PX = 4;

interface MinimapProps {
  readonly trace: TraceDetail;
  readonly critical: ReadonlyMap<string, boolean>;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
}

export function Minimap({ trace, critical, zoom, onZoom }: MinimapProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(root);
  const theme = useTheme();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | undefined>();
  const total = Math.max(1, trace.durationNs);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    element.width = width * devicePixelRatio;
    element.height = HEIGHT * devicePixelRatio;
    context.scale(devicePixelRatio, devicePixelRatio);
    drawSpans(context, { trace, critical, width, element });
  }, [trace, critical, width, theme]);

  const at = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width)));
  };
  const shown = drag
    ? { fromNs: Math.min(drag.from, drag.to) * total, toNs: Math.max(drag.from, drag.to) * total }
    : zoom;
  const whole = isWhole(shown, total);
  return (
    <div
      ref={root}
      className={css.minimap}
      title="Drag to look closer; double click for all of it"
      data-testid="minimap"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: at(event) })}
      onPointerUp={() => {
        setDrag(undefined);
        if (drag && Math.abs(drag.to - drag.from) * width >= DRAG_PX) onZoom(shown);
      }}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => onZoom({ fromNs: 0, toNs: total })}
    >
      <canvas
        ref={canvas}
        className={css.minimapCanvas}
        role="img"
        aria-label={`All ${trace.spans.length} spans over time`}
      />
      {!whole && (
        <>
          <span
            className={css.beyond}
            style={{ left: 0, width: `${(shown.fromNs / total) * 100}%` }}
          />
          <span
            className={css.beyond}
            style={{ right: 0, width: `${(1 - shown.toNs / total) * 100}%` }}
          />
        </>
      )}
    </div>
  );
}

interface Drawing {
  readonly trace: TraceDetail;
  readonly critical: ReadonlyMap<string, boolean>;
  readonly width: number;
  readonly element: HTMLElement;
}

function drawSpans(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { trace, critical, width, element } = drawing;
  const total = Math.max(1, trace.durationNs);
  const line = (HEIGHT - 8) / Math.max(1, trace.spans.length);
  const colors = new Map<string, string>();
  const colorOf = (name: string) => {
    const known = colors.get(name) ?? resolveColor(element.parentElement!, name);
    colors.set(name, known);
    return known;
  };
  trace.spans.forEach((span, index) => {
    context.globalAlpha = critical.has(span.spanId) ? 1 : 0.4;
    context.fillStyle = colorOf(span.failed ? 'var(--mark-5xx)' : serviceColor(span.service));
    context.fillRect(
      (span.offsetNs / total) * width,
      4 + index * line,
      Math.max(1.5, (span.durationNs / total) * width),
      Math.max(0.8, Math.min(4, line * 0.75)),
    );
  });
}
