import { client } from '../../api/client.ts';
import { Panel } from '../../components/panel.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { bytes, compact, exact } from '../../format/number.ts';
import { full, ago } from '../../format/time.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import css from './system-panel.module.css';

/** How much there is in the range, and in all. */
export function SystemPanel() {
  const { data, error, refetch, isPlaceholderData } = useAnswer('system', {}, (query, signal) =>
    client.system(query, { signal }),
  );
  if (error && !data) {
    return (
      <Panel title="System">
        <Failure error={error} onRetry={refetch} />
      </Panel>
    );
  }
  const rows: (readonly [string, string, (string | undefined)?, (string | undefined)?])[] = data
    ? [
        ['Traces', compact(data.traces), exact(data.traces), '/traces'],
        ['Spans', compact(data.spans), exact(data.spans), '/traces'],
        ['Metric points', compact(data.metricPoints), exact(data.metricPoints), '/series'],
        ['Metric series', compact(data.metricSeries), exact(data.metricSeries), '/series'],
        ['Services discovered', exact(data.servicesDiscovered), undefined, '/services'],
        ['Services tracked', exact(data.servicesTracked), undefined, '/services'],
        ...(data.duplicates > 0
          ? [
              [
                'Delivered twice, counted once',
                compact(data.duplicates),
                exact(data.duplicates),
              ] as const,
            ]
          : []),
        ['On disk', bytes(data.bytesOnDisk), `${exact(data.storedSpans)} spans in all`],
        [
          'Newest span',
          data.newestSpan ? ago(Date.parse(data.newestSpan), Date.now()) : '–',
          data.newestSpan ? full(Date.parse(data.newestSpan)) : undefined,
        ],
      ]
    : [];
  return (
    <Panel title="System" dim={isPlaceholderData} flush>
      {!data && <SkeletonRows rows={8} />}
      <dl className={css.list}>
        {rows.map(([label, value, title, to]) => (
          <div key={label}>
            <dt>{to === undefined ? label : <Link to={pageHref(to)}>{label}</Link>}</dt>
            <dd title={title}>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
