/** A line as wide as a word: the shape of a series, nothing else. Gaps are gaps. */
export function Sparkline({
  values,
  color = 'var(--text-3)',
  width = 84,
  height = 22,
  wide = false,
  fill = true,
}: {
  readonly values: readonly (number | null)[];
  readonly color?: string;
  readonly width?: number;
  readonly height?: number;
  /** As wide as there is room. */
  readonly wide?: boolean;
  readonly fill?: boolean;
}) {
  const known = values.filter((one) => one !== null);
  const max = Math.max(...known, 0);
  const drawnWidth = wide ? '100%' : width;
  if (known.length < 2 || max <= 0) return <svg width={drawnWidth} height={height} aria-hidden />;
  const x = (index: number) => (index / (values.length - 1)) * (width - 2) + 1;
  const y = (value: number) => height - 2 - (value / max) * (height - 4);
  const parts: string[] = [];
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) pen = false;
    else {
      parts.push(`${pen ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
      pen = true;
    }
  });
  const first = values.findIndex((one) => one !== null);
  const last = values.findLastIndex((one) => one !== null);
  const whole = values.slice(first, last + 1).every((one) => one !== null);
  return (
    <svg
      width={drawnWidth}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      {fill && whole && (
        <path
          d={`${parts.join('')}L${x(last)} ${height}L${x(first)} ${height}Z`}
          fill={color}
          opacity={0.13}
        />
      )}
      <path
        d={parts.join('')}
        fill="none"
        stroke={color}
        strokeWidth={1.4}
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
