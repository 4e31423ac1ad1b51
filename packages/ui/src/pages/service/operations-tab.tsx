// The operations of a service with rate, errors and duration.

import type { OperationSummary } from '@clover/model';
import { client } from '../../api/client.ts';
import { ErrorRatio } from '../../components/error-ratio.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { compact, exact, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';
import css from './service.module.css';

const OPERATIONS: readonly Column<OperationSummary>[] = [
  {
    key: 'operation',
    title: 'Operation',
    width: 'minmax(200px, 2.4fr)',
    text: (one) => one.operation,
    cell: (one) => <span title={one.operation}>{one.operation || '(no name)'}</span>,
  },
  {
    key: 'kind',
    title: 'Kind',
    width: '90px',
    minor: true,
    text: (one) => one.kind,
    cell: (one) => one.kind,
  },
  {
    key: 'requests',
    title: 'Requests',
    number: (one) => one.requests,
    cell: (one) => <span title={exact(one.requests)}>{compact(one.requests)}</span>,
  },
  {
    key: 'rate',
    title: 'Rate',
    minor: true,
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
    key: 'avg',
    title: 'Average',
    minor: true,
    number: (one) => one.latency?.avgNs ?? null,
    cell: (one) => duration(one.latency?.avgNs),
  },
  {
    key: 'p50',
    title: 'p50',
    minor: true,
    number: (one) => one.latency?.p50Ns ?? null,
    cell: (one) => duration(one.latency?.p50Ns),
  },
  {
    key: 'p95',
    title: 'p95',
    number: (one) => one.latency?.p95Ns ?? null,
    cell: (one) => duration(one.latency?.p95Ns),
  },
  {
    key: 'p99',
    title: 'p99',
    minor: true,
    number: (one) => one.latency?.p99Ns ?? null,
    cell: (one) => duration(one.latency?.p99Ns),
  },
  {
    key: 'max',
    title: 'Slowest',
    minor: true,
    number: (one) => one.latency?.maxNs ?? null,
    cell: (one) => duration(one.latency?.maxNs),
  },
];

export function OperationsTab({ service }: { readonly service: string }) {
  const answer = useAnswer('operations', { service }, (query, signal) =>
    client.operations({ ...query, service }, { signal }),
  );
  const rows = answer.data?.items.filter((one) => one.service === service);
  return (
    <Panel className={css.panel ?? ''} flush dim={answer.isPlaceholderData}>
      {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!answer.data && !answer.error && <SkeletonRows rows={6} />}
      {rows?.length === 0 && <Empty title="No operations in this time range" />}
      {rows && rows.length > 0 && (
        <Table
          label="Operations"
          columns={OPERATIONS}
          rows={rows}
          rowKey={(one) => `${one.operation} ${one.kind}`}
          defaultSort="requests"
          maxHeight={640}
          rowTo={(one) => pageHref('/traces', { service, operation: one.operation })}
          command={`cloverctl get operations --service ${service}`}
        />
      )}
    </Panel>
  );
}
