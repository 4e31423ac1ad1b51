// Which part of the map is seen: all of it until somebody moves it, by hand, by wheel or by a search.

import {
  useEffect,
  useEffectEvent,
  useMemo,
  useState,
  type RefObject,
  type WheelEvent,
} from 'react';
import type { GraphNode } from '@clover/model';
import type { Layout } from './layout.ts';

export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface ViewOptions {
  readonly root: RefObject<HTMLDivElement | null>;
  readonly layout: Layout | undefined;
  readonly width: number;
  readonly height: number;
  /** In lower case. */
  readonly find: string;
  readonly nodes: readonly GraphNode[];
}

/** Height of the legend and what stands beside it. */
const FOOT = 56;

export function useView({ root, layout, width, height, find, nodes }: ViewOptions) {
  const fitted = useMemo((): View => {
    if (!layout || width === 0) return { x: 0, y: 0, scale: 1 };
    // The legend and the buttons stand below.
    const free = height - FOOT;
    // What goes down is read from its top on.
    const byWidth = width / layout.width;
    if (layout.down)
      return { x: 0, y: Math.max(8, (free - layout.height * byWidth) / 2), scale: byWidth };
    const scale = Math.min(1.15, byWidth, free / layout.height);
    return {
      x: (width - layout.width * scale) / 2,
      y: (free - layout.height * scale) / 2,
      scale,
    };
  }, [layout, width, height]);
  const [moved, setMoved] = useState<View | undefined>();
  const view = moved ?? fitted;
  const placed = layout !== undefined;
  const goTo = useEffectEvent((find: string) => {
    if (find === '' || !layout) return;
    const hit = nodes.find((one) => one.service.toLowerCase().includes(find));
    const place = hit && layout.nodes[hit.service];
    if (place)
      setMoved({
        scale: Math.max(0.8, fitted.scale),
        x: width / 2 - place.x * Math.max(0.8, fitted.scale),
        y: height / 2 - place.y * Math.max(0.8, fitted.scale),
      });
  });
  // Only another search moves the map, and the first places of one that the URL brought.
  useEffect(() => goTo(find), [find, placed]);

  const zoom = (factor: number, x = width / 2, y = height / 2) => {
    const scale = Math.min(2.5, Math.max(0.04, view.scale * factor));
    setMoved({
      scale,
      x: x - ((x - view.x) / view.scale) * scale,
      y: y - ((y - view.y) / view.scale) * scale,
    });
  };
  useEffect(() => {
    // React's wheel handlers are passive; this one must keep the page from scrolling.
    const element = root.current;
    const stop = (event: Event) =>
      (event as unknown as WheelEvent).ctrlKey && event.preventDefault();
    element?.addEventListener('wheel', stop, { passive: false });
    return () => element?.removeEventListener('wheel', stop);
  }, [root]);
  const onWheel = (event: WheelEvent<HTMLDivElement>) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const box = event.currentTarget.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  };
  return { view, setMoved, zoom, onWheel };
}
