import { client } from '../api/client.ts';
import { LateNote } from '../charts/late-note.tsx';
import { Legend } from '../charts/legend.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { Panel } from './panel.tsx';
import { Failure, Skeleton } from './states.tsx';
import { STATUS_MARK, type StatusClass } from '../domain/status.ts';
import { rate } from '../format/number.ts';
import { useAnswer } from '../hooks/use-answer.ts';
import { navigate, pageHref } from '../router/location.ts';

const HEIGHT = 180;

/** How requests were answered over time: 2xx at the foot, no answer at the top. One service, or all. */
export function StatusClasses({ service }: { readonly service?: string }) {
  const answer = useAnswer('rates', { service, by: 'statusClass' }, (query, signal) =>
    client.rates(
      { ...query, ...(service !== undefined && { service }), by: 'statusClass' },
      { signal },
    ),
  );
  const series = (answer.data?.series ?? [])
    .toSorted((a, b) => a.key.localeCompare(b.key))
    .map((one) => ({
      label: /^\d/.test(one.key) ? one.key : 'no answer',
      color: STATUS_MARK[one.key as StatusClass] ?? STATUS_MARK.none,
      values: one.requests,
    }));
  return (
    <Panel
      title="Answers by status class"
      dim={answer.isPlaceholderData}
      aside={
        <>
          {answer.data && <LateNote {...answer.data} />}
          <Legend items={series} />
        </>
      }
    >
      {answer.data ? (
        <TimeChart
          label="Answers by status class"
          timesMs={answer.data.timesMs}
          stepMs={answer.data.stepMs}
          series={series}
          stacked
          whole={answer.data}
          height={HEIGHT}
          format={rate}
          syncKey="red"
          onPick={(time) =>
            navigate(
              pageHref('/traces', {
                ...(service !== undefined && { service }),
                since: null,
                start: String(time),
                end: String(time + answer.data.stepMs),
              }),
            )
          }
        />
      ) : answer.error ? (
        <Failure error={answer.error} onRetry={answer.refetch} />
      ) : (
        <Skeleton height={HEIGHT} />
      )}
    </Panel>
  );
}
