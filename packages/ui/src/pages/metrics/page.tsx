// How does this series go?

import { useState } from 'react';
import type { MetricNamesAnswer, TrackedMetric } from '@clover/model';
import { client } from '../../api/client.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { LastSeen } from '../../components/last-seen.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { compact, exact } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { searchHref, useLocation } from '../../router/location.ts';
import css from './metrics.module.css';
import { SeriesPanel } from './series-panel.tsx';
import { TrackingForm } from './tracking-form.tsx';

const TABS = [
  { key: 'all', title: 'All metrics' },
  { key: 'tracked', title: 'Tracked' },
] as const;

export default function MetricsPage() {
  const { search } = useLocation();
  const tab = useTab('tab', TABS);
  const name = search.get('name');
  return (
    <>
      <PageHead
        title="Metrics"
        sub="Everything that was scraped, pushed or pulled; tracked metrics are prefix × service × suffix."
      >
        <CommandMenu
          command={
            name === null
              ? `cloverctl get metrics${tab === 'all' ? ' --all' : ''}`
              : `cloverctl get metrics ${name}`
          }
        />
      </PageHead>
      {name !== null && <SeriesPanel name={name} />}
      <Tabs label="Metrics" name="tab" tabs={TABS} />
      {tab === 'all' ? (
        <Names chosen={name ?? undefined} />
      ) : (
        <Tracked chosen={name ?? undefined} />
      )}
    </>
  );
}

type Name = MetricNamesAnswer['items'][number];

const NAMES: readonly Column<Name>[] = [
  {
    key: 'name',
    title: 'Metric',
    width: 'minmax(260px, 2.4fr)',
    text: (one) => one.name,
    cell: (one) => (
      <span className="mono" title={one.name}>
        {one.name}
      </span>
    ),
  },
  {
    key: 'type',
    title: 'Type',
    width: '100px',
    minor: true,
    text: (one) => one.type,
    cell: (one) => one.type,
  },
  {
    key: 'help',
    title: 'What it is',
    minor: true,
    width: 'minmax(0, 2fr)',
    cell: (one) => (
      <span className={css.help} title={one.help}>
        {one.help}
      </span>
    ),
  },
  {
    key: 'series',
    title: 'Series',
    width: '90px',
    number: (one) => one.series,
    cell: (one) => exact(one.series),
  },
  {
    key: 'seen',
    title: 'Last seen',
    hint: 'its last point within the time range',
    width: '110px',
    minor: true,
    number: (one) => (one.lastSeen === null ? null : Date.parse(one.lastSeen)),
    cell: (one) => <LastSeen at={one.lastSeen} />,
  },
];

function Names({ chosen }: { readonly chosen: string | undefined }) {
  const [text, setText] = useState('');
  const answer = useAnswer(
    'metric-names',
    {},
    (query, signal) => client.metricNames({ ...query, limit: 5000 }, { signal }),
    { liveMs: 15_000 },
  );
  const rows = answer.data?.items.filter((one) => one.name.includes(text.trim())) ?? [];
  return (
    <Panel
      flush
      className={css.panel ?? ''}
      dim={answer.isPlaceholderData}
      title={<SearchBox label="Find a metric" value={text} onChange={setText} width={280} />}
      aside={
        <>
          {answer.data && `${exact(rows.length)} metrics`} <MetaNote meta={answer.data?.meta} />
        </>
      }
    >
      {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!answer.data && !answer.error && <SkeletonRows rows={10} />}
      {answer.data?.items.length === 0 && (
        <Empty title="No metrics yet" command="./clover up --scrape 127.0.0.1:9100">
          Scrape a target, push with remote write or OTLP, or pull from a Prometheus:
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Metrics"
          columns={NAMES}
          rows={rows}
          rowKey={(one) => one.name}
          defaultSort="name"
          maxHeight="max(420px, 100vh - 330px)"
          selected={chosen}
          rowTo={(one) => searchHref({ name: one.name })}
          searched
        />
      )}
    </Panel>
  );
}

const TRACKED: readonly Column<TrackedMetric>[] = [
  {
    key: 'name',
    title: 'Metric',
    width: 'minmax(300px, 3fr)',
    text: (one) => one.name,
    cell: (one) => <TrackedName one={one} />,
  },
  {
    key: 'service',
    title: 'Service',
    minor: true,
    text: (one) => one.service,
    cell: (one) => one.service || 'custom',
  },
  {
    key: 'type',
    title: 'Type',
    minor: true,
    width: '90px',
    text: (one) => one.type,
    cell: (one) => one.type,
  },
  {
    key: 'latest',
    title: 'Latest',
    width: '110px',
    number: (one) => one.latest,
    cell: (one) =>
      one.latest === null ? (
        <span className={css.quiet}>no sample</span>
      ) : (
        <span title={exact(one.latest)}>{compact(one.latest)}</span>
      ),
  },
  {
    key: 'shape',
    title: 'Last 100',
    width: '124px',
    minor: true,
    cell: (one) => <Sparkline values={one.values.map(([, value]) => value)} width={104} />,
  },
];

function TrackedName({ one }: { readonly one: TrackedMetric }) {
  if (one.custom) return <span className="mono">{one.name}</span>;
  return (
    <span className="mono" title={one.name}>
      <span className={css.quiet}>{one.prefix}</span>
      {one.name.slice(one.prefix.length, one.name.length - one.suffix.length)}
      <span className={css.quiet}>{one.suffix}</span>
    </span>
  );
}

function Tracked({ chosen }: { readonly chosen: string | undefined }) {
  const answer = useAnswer('metrics-tracked', {}, (query, signal) =>
    client.trackedMetrics(query, { signal }),
  );
  return (
    <>
      <TrackingForm />
      <Panel flush className={css.panel ?? ''} dim={answer.isPlaceholderData}>
        {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
        {!answer.data && !answer.error && <SkeletonRows rows={6} />}
        {answer.data?.items.length === 0 && (
          <Empty title="No metrics are tracked" command="cloverctl set visibility -f metrics.yaml">
            Choose services, prefixes and suffixes above, or set them from a file:
          </Empty>
        )}
        {answer.data && answer.data.items.length > 0 && (
          <Table
            label="Tracked metrics"
            columns={TRACKED}
            rows={answer.data.items}
            rowKey={(one) => one.name}
            maxHeight={560}
            selected={chosen}
            rowTo={(one) => searchHref({ name: one.name })}
          />
        )}
      </Panel>
    </>
  );
}
