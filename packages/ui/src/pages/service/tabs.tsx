// Below the charts: what is asked of the service, how it answered, whom it calls.

import type { CountsAnswer, GraphEdge } from '@clover/model';
import { client } from '../../api/client.ts';
import { CountsTable } from '../../components/counts-table.tsx';
import { ErrorRatio } from '../../components/error-ratio.tsx';
import { HttpDetails } from '../../components/http-details.tsx';
import { Panel } from '../../components/panel.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { compact, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';
import { StatusClasses } from '../../components/status-classes.tsx';
import css from './service.module.css';
import { ErrorsTab } from './errors-tab.tsx';
import { OperationsTab } from './operations-tab.tsx';

export const TABS = [
  { key: 'operations', title: 'Operations' },
  { key: 'urls', title: 'URLs' },
  { key: 'status', title: 'Status codes' },
  { key: 'agents', title: 'User agents' },
  { key: 'answers', title: 'Answers over time' },
  { key: 'details', title: 'HTTP details' },
  { key: 'calls', title: 'Callers and callees' },
  { key: 'versions', title: 'Versions' },
  { key: 'instances', title: 'Instances' },
  { key: 'errors', title: 'Errors' },
] as const;

const BY: Readonly<
  Record<string, { by: string; titles: readonly string[]; keys: readonly string[] }>
> = {
  urls: { by: 'url', titles: ['URL'], keys: ['url'] },
  status: {
    by: 'urlTemplate,statusCode',
    titles: ['Path', 'Status'],
    keys: ['urlTemplate', 'statusCode'],
  },
  agents: { by: 'userAgent', titles: ['User agent'], keys: ['userAgent'] },
  versions: { by: 'version', titles: ['Version'], keys: ['version'] },
  instances: { by: 'node', titles: ['Instance'], keys: ['node'] },
};

export function TabContent({ tab, service }: { readonly tab: string; readonly service: string }) {
  if (tab === 'operations') return <OperationsTab service={service} />;
  if (tab === 'details') return <HttpDetails service={service} />;
  if (tab === 'answers') {
    return (
      <div className={css.panel}>
        <StatusClasses service={service} />
      </div>
    );
  }
  if (tab === 'calls') return <Calls service={service} />;
  if (tab === 'errors') return <ErrorsTab service={service} />;
  const { by, titles, keys } = BY[tab]!;
  return <Counts key={by} service={service} by={by} titles={titles} keys={keys} />;
}

function Counts({
  service,
  by,
  titles,
  keys,
}: {
  readonly service: string;
  readonly by: string;
  readonly titles: readonly string[];
  readonly keys: readonly string[];
}) {
  const answer = useAnswer<CountsAnswer>('counts', { service, by }, (query, signal) =>
    client.counts({ ...query, service, by, limit: 200 }, { signal }),
  );
  return (
    <Panel
      className={css.panel ?? ''}
      flush
      dim={answer.isPlaceholderData}
      aside={<MetaNote meta={answer.data?.meta} />}
    >
      <CountsTable
        answer={answer.data}
        error={answer.error}
        onRetry={answer.refetch}
        titles={titles}
        keys={keys}
        service={service}
      />
    </Panel>
  );
}

function Calls({ service }: { readonly service: string }) {
  const answer = useAnswer('edges', { service }, (query, signal) =>
    client.edges({ ...query, service }, { signal }),
  );
  const side = (title: string, edges: readonly GraphEdge[], other: (edge: GraphEdge) => string) => {
    const columns: readonly Column<GraphEdge>[] = [
      {
        key: 'service',
        title: 'Service',
        width: 'minmax(140px, 2fr)',
        text: other,
        cell: (one) => <ServiceName service={other(one)} plain />,
      },
      {
        key: 'rate',
        title: 'Rate',
        number: (one) => one.ratePerSecond,
        cell: (one) => rate(one.ratePerSecond),
      },
      {
        key: 'errors',
        title: 'Errors',
        number: (one) => one.errorRatio,
        cell: (one) => <ErrorRatio ratio={one.errorRatio} errors={one.errors} />,
      },
      {
        key: 'p95',
        title: 'p95',
        number: (one) => one.latency?.p95Ns ?? null,
        cell: (one) => duration(one.latency?.p95Ns ?? one.clientLatency?.p95Ns),
      },
      {
        key: 'lost',
        title: 'Lost',
        minor: true,
        number: (one) => one.lost,
        cell: (one) => compact(one.lost),
      },
    ];
    return (
      <Panel title={title} flush dim={answer.isPlaceholderData}>
        {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
        {!answer.data && !answer.error && <SkeletonRows rows={4} />}
        {answer.data && edges.length === 0 && (
          <Empty title={`No ${title.toLowerCase()} in this time range`} />
        )}
        {edges.length > 0 && (
          <Table
            label={title}
            columns={columns}
            rows={edges}
            rowKey={other}
            defaultSort="rate"
            sortKey={title.toLowerCase()}
            rowTo={(one) => pageHref('/map', { edge: `${one.from}→${one.to}` })}
          />
        )}
      </Panel>
    );
  };
  const edges = answer.data?.items ?? [];
  return (
    <div className={css.two}>
      {side(
        'Callers',
        edges.filter((one) => one.to === service),
        (one) => one.from,
      )}
      {side(
        'Callees',
        edges.filter((one) => one.from === service),
        (one) => one.to,
      )}
    </div>
  );
}
