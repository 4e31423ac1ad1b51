/** A ratio of 0..1 as a percentage with as many digits as it needs, at most four after the point: `30 %`, `0.25 %`. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(4))} %`;
}
