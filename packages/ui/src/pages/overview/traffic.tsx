import type { Overview } from '@clover/model';
import { Legend } from '../../charts/legend.tsx';
import { TimeChart } from '../../charts/time-chart.tsx';
import { Panel } from '../../components/panel.tsx';
import { Skeleton } from '../../components/states.tsx';
import { rate } from '../../format/number.ts';
import { navigate, pageHref } from '../../router/location.ts';

/** Requests and failures over the range. */
export function Traffic({
  data,
  dim,
}: {
  readonly data: Overview | undefined;
  readonly dim: boolean;
}) {
  const series = data
    ? [
        {
          label: 'answered',
          color: 'var(--mark-2xx)',
          values: data.series.map((one) => (one.requests - one.errors) / (data.stepMs / 1000)),
        },
        {
          label: 'failed',
          color: 'var(--mark-5xx)',
          values: data.series.map((one) => one.errors / (data.stepMs / 1000)),
        },
      ]
    : [];
  return (
    <Panel title="Traffic" aside={<Legend items={series} />} dim={dim}>
      {data ? (
        <TimeChart
          label="Traffic"
          timesMs={data.series.map((one) => one.timeMs)}
          stepMs={data.stepMs}
          series={series.toReversed()}
          stacked
          partialLast
          height={220}
          format={rate}
          onPick={(time) =>
            navigate(
              pageHref('/traces', {
                since: null,
                start: String(time),
                end: String(time + data.stepMs),
              }),
            )
          }
        />
      ) : (
        <Skeleton height={220} />
      )}
    </Panel>
  );
}
