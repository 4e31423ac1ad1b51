import type { Axis } from 'uplot';
import { TIME_STEPS } from '../format/time-ticks.ts';
import { axisLabel } from '../format/time.ts';
import { powers } from './log-scale.ts';

interface AxesLook {
  readonly muted: string;
  readonly grid: string;
  readonly log: boolean;
  readonly format: (value: number) => string;
}

/** Time below, values at the left with as much room as they need. */
export function chartAxes(look: AxesLook): Axis[] {
  return [
    {
      stroke: look.muted,
      grid: { show: false },
      ticks: { show: false },
      font: '11px "Inter Variable"',
      size: 26,
      space: 70,
      values: (self, ticks) =>
        ticks.map((tick) =>
          axisLabel(tick, (self.scales['x']!.max ?? 0) - (self.scales['x']!.min ?? 0)),
        ),
      incrs: [...TIME_STEPS],
    },
    {
      stroke: look.muted,
      grid: { stroke: look.grid, width: 1 },
      ticks: { show: false },
      font: '11px "Inter Variable"',
      size: (_, values) =>
        Math.max(44, ...(values ?? []).map((one) => (one ?? '').length * 6.6 + 14)),
      space: 34,
      values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : look.format(tick))),
      ...(look.log && { splits: (_self, _axis, min, max) => powers(min, max) }),
    },
  ];
}
