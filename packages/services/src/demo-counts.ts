/** What one service says about itself: how many requests with these labels it answered. */
export interface DemoCount {
  readonly service: string;
  readonly version: string;
  readonly instance: string;
  readonly method: string;
  /** Path with ids replaced: `/products/{id}`. */
  readonly path: string;
  readonly status: number;
  readonly userAgent: string;
  readonly count: number;
}

/** The request counters in a service's Prometheus text. */
export function parseCounts(text: string): DemoCount[] {
  return [...text.matchAll(/^clover_demo_requests_total\{(.*)\} (\d+)$/gm)].map(
    ([, labels = '', count]) => {
      const value = Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text = '']) => [
          key,
          text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
        ]),
      );
      return {
        service: value['service'] ?? '',
        version: value['version'] ?? '',
        instance: value['instance'] ?? '',
        method: value['method'] ?? '',
        path: value['path'] ?? '',
        status: Number(value['status']),
        userAgent: value['user_agent'] ?? '',
        count: Number(count),
      };
    },
  );
}
