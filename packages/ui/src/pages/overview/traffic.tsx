import type { OverviewRequests } from '@clover/model';
import { LateNote } from '../../charts/late-note.tsx';
import { Legend } from '../../charts/legend.tsx';
import { TimeChart } from '../../charts/time-chart.tsx';
import { Panel } from '../../components/panel.tsx';
import { Skeleton } from '../../components/states.tsx';
import { rate } from '../../format/number.ts';
import { navigate, pageHref } from '../../router/location.ts';
import { stepSeconds } from './step-seconds.ts';

/** Requests and failures over the range, of every service: a request counts at each hop. */
export function Traffic({
  data,
  dim,
}: {
  readonly data: OverviewRequests | undefined;
  readonly dim: boolean;
}) {
  const seconds = data && stepSeconds(data);
  const perSecond = (count: (one: OverviewRequests['series'][number]) => number) =>
    data?.series.map((one, step) => count(one) / seconds!(step)) ?? [];
  const times = data?.series.map((one) => one.timeMs) ?? [];
  const series = [
    {
      label: 'answered',
      color: 'var(--mark-2xx)',
      values: perSecond((one) => one.requests - one.errors),
    },
    { label: 'failed', color: 'var(--mark-5xx)', values: perSecond((one) => one.errors) },
  ];
  return (
    <Panel
      title="Traffic, every hop"
      aside={
        <>
          {data && <LateNote meta={data.meta} timesMs={times} stepMs={data.stepMs} />}
          <Legend items={series} />
        </>
      }
      dim={dim}
    >
      {data ? (
        <TimeChart
          label="Traffic"
          timesMs={times}
          stepMs={data.stepMs}
          series={series.toReversed()}
          stacked
          whole={data}
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
