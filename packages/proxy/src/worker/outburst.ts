// Whether something happens so often that it is no accident any more.

export interface OutburstOptions {
  readonly most: number;
  readonly withinMs: number;
  readonly now?: () => number;
}

/** Gives a function to be called each time: true when this is the `most`th within the last `withinMs`. */
export function createOutburst(options: OutburstOptions): () => boolean {
  const { most, withinMs, now = () => performance.now() } = options;
  const times: number[] = [];
  return () => {
    const nowMs = now();
    times.push(nowMs);
    while (nowMs - times[0]! >= withinMs) times.shift();
    return times.length >= most;
  };
}
