import { LateNote } from '../../charts/late-note.tsx';
import { Legend } from '../../charts/legend.tsx';
import { TimeChart } from '../../charts/time-chart.tsx';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, MetaNote, Skeleton } from '../../components/states.tsx';
import { seriesColor } from '../../domain/service-color.ts';
import { compact } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { navigate, pageHref, setSearch, useLocation } from '../../router/location.ts';
import css from './metrics.module.css';

const SHOWN = 8;

/** One metric, a line a label set; counters as rates unless asked otherwise. */
export function SeriesPanel({ name }: { readonly name: string }) {
  const { search } = useLocation();
  const names = useAnswer(
    'metric-type',
    { name },
    (query, signal) => client.metricNames({ ...query, match: name, limit: 50 }, { signal }),
    { liveMs: 60_000 },
  );
  const type = names.data?.items.find((one) => one.name === name)?.type ?? 'unknown';
  const counter =
    type === 'counter' || type === 'histogram' || /_(total|count|sum|bucket)$/.test(name);
  const asked = search.get('as');
  const view = asked === 'value' || asked === 'rate' ? asked : counter ? 'rate' : 'value';
  const answer = useAnswer('metric-series', { name, view }, (query, signal) =>
    client.metricSeries({ ...query, name, view, limit: SHOWN }, { signal }),
  );
  const { data } = answer;
  const differing = data ? differingLabels(data.series.map((one) => one.labels)) : [];
  const series = data?.series.map((one, index) => {
    const label =
      differing
        .map((key) => one.labels[key])
        .filter((value) => value)
        .join(' ') || name;
    return { label, color: seriesColor(index), values: one.values };
  });
  return (
    <Panel
      className={css.series ?? ''}
      dim={answer.isPlaceholderData}
      title={<span className="mono">{name}</span>}
      aside={
        <>
          {data && <LateNote {...data} />}
          <MetaNote meta={data?.meta} />
          {(['value', 'rate'] as const).map((one) => (
            <Button
              key={one}
              quiet={view !== one}
              onClick={() => setSearch({ as: one })}
              aria-pressed={view === one}
            >
              {one === 'rate' ? 'per second' : 'value'}
            </Button>
          ))}
          <Button quiet onClick={() => setSearch({ name: null, as: null })}>
            Close
          </Button>
        </>
      }
    >
      {answer.error && !data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!data && !answer.error && <Skeleton height={240} />}
      {data?.series.length === 0 && <Empty title="No samples in this time range" />}
      {data && series && series.length > 0 && (
        <>
          <TimeChart
            label={name}
            timesMs={data.timesMs}
            stepMs={data.stepMs}
            series={series}
            height={240}
            format={(value) => `${compact(value)}${view === 'rate' ? '/s' : ''}`}
            onPick={(time) => {
              const service = serviceOf(data.series.map((one) => one.labels));
              navigate(
                pageHref('/traces', {
                  ...(service !== undefined && { service }),
                  since: null,
                  start: String(time),
                  end: String(time + data.stepMs),
                }),
              );
            }}
          />
          <div className={css.legend}>
            <Legend items={series} />
          </div>
        </>
      )}
    </Panel>
  );
}

/** Labels that name the service which a series is about, in the words of those who write them. */
const SERVICE_LABELS = [
  'service_name',
  'service',
  'destination_canonical_service',
  'destination_service_name',
];

/** The one service that all series are about. */
function serviceOf(sets: readonly Readonly<Record<string, string>>[]): string | undefined {
  const names = new Set(
    sets.map((labels) => SERVICE_LABELS.map((key) => labels[key]).find((one) => one)),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

/** Keys whose values are not the same in all label sets. */
function differingLabels(sets: readonly Readonly<Record<string, string>>[]): string[] {
  const keys = [...new Set(sets.flatMap((one) => Object.keys(one)))];
  return keys.filter((key) => new Set(sets.map((one) => one[key])).size > 1);
}
