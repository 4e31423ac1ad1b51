import { useEffect, useState } from 'react';

/** So many things are put into the document in one frame. */
const SLICE = 80;

/**
 * How many of `total` may stand in the document: a slice more with each frame, so that none takes long; from the first
 * slice on whenever they take another `form`.
 */
export function useGrowing(total: number, form: string | undefined): number {
  const [grown, setGrown] = useState({ form, count: SLICE });
  const count = grown.form === form ? grown.count : SLICE;
  useEffect(() => {
    if (form === undefined || count >= total) return undefined;
    const frame = requestAnimationFrame(() => setGrown({ form, count: count + SLICE }));
    return () => cancelAnimationFrame(frame);
  }, [form, count, total]);
  return form === undefined ? total : count;
}
