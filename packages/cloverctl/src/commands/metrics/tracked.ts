import type { TrackedMetric, TrackedMetricsAnswer } from '@clover/model';
import type { Context } from '../../context.ts';
import { serviceColumn, textColumn } from '../../output/columns.ts';
import { show } from '../../output/show.ts';

/** Tracked metrics with their latest value and the last hundred. */
export function showTracked(context: Context, answer: TrackedMetricsAnswer): Promise<void> {
  return show<TrackedMetricsAnswer, TrackedMetric>(context, answer, {
    rows: ({ items }) => items,
    name: (row) => row.name,
    empty:
      'no metrics are tracked; `set visibility -f metrics.yaml` chooses some, `get metrics --all` lists what there is',
    columns: [
      textColumn('METRIC', (row) => row.name, { shrinkTo: 24 }),
      serviceColumn('SERVICE', (row) => row.service),
      textColumn('TYPE', (row) => row.type, { wide: true }),
      {
        title: 'LATEST',
        align: 'right',
        text: (row, figures) => (row.latest === null ? '-' : figures.count(row.latest)),
      },
      {
        title: 'LAST VALUES',
        drawn: true,
        text: (row, figures) =>
          figures.spark(
            row.values.map(([, value]) => value),
            20,
          ),
        paint: (_, style) => style.cyan,
      },
      { title: 'AT', text: (row, figures) => figures.time(row.latestTime) },
      { title: 'SERIES', align: 'right', wide: true, text: (row) => String(row.series) },
    ],
  });
}
