import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { shapeOf, type Layout, type LayoutRequest } from './layout.ts';

/** Places of the nodes, worked out beside the page; the old ones stay until the new ones are there. */
export function useLayout(request: LayoutRequest): Layout | undefined {
  const [layout, setLayout] = useState<Layout | undefined>();
  const worker = useRef<Worker | undefined>(undefined);
  const latest = useRef(0);
  const shape = useMemo(() => shapeOf(request), [request]);
  useEffect(() => {
    const own = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    worker.current = own;
    own.onmessage = ({ data }: MessageEvent<{ id: number; layout: Layout }>) => {
      if (data.id === latest.current) setLayout(data.layout);
    };
    return () => own.terminate();
  }, []);
  const ask = useEffectEvent(() => {
    latest.current++;
    worker.current?.postMessage({ id: latest.current, request });
  });
  // The same shape keeps its places, whatever the figures.
  useEffect(() => ask(), [shape]);
  return layout;
}
