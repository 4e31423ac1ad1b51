// The errors of a service, grouped by their message's shape.

import type { ErrorGroup } from '@clover/model';
import { client } from '../../api/client.ts';
import { HttpStatus } from '../../components/http-status.tsx';
import { Panel } from '../../components/panel.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { compact } from '../../format/number.ts';
import { ago } from '../../format/time.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';
import css from './service.module.css';

const ERRORS: readonly Column<ErrorGroup>[] = [
  {
    key: 'shape',
    title: 'Error',
    width: 'minmax(240px, 3fr)',
    text: (one) => one.shape,
    cell: (one) => (
      <span title={one.exampleMessage}>
        {[one.type, one.shape].filter((part) => part !== '').join(': ') || '(no message)'}
      </span>
    ),
  },
  {
    key: 'service',
    title: 'Arose in',
    minor: true,
    text: (one) => one.service,
    cell: (one) => <ServiceName service={one.service} plain />,
  },
  {
    key: 'status',
    title: 'Status',
    minor: true,
    width: '90px',
    number: (one) => one.httpStatusCode,
    cell: (one) => (one.httpStatusCode === 0 ? '–' : <HttpStatus code={one.httpStatusCode} />),
  },
  {
    key: 'count',
    title: 'Count',
    width: '90px',
    number: (one) => one.count,
    cell: (one) => compact(one.count),
  },
  {
    key: 'seen',
    title: 'Last seen',
    width: '120px',
    minor: true,
    number: (one) => Date.parse(one.lastSeen),
    cell: (one) => ago(Date.parse(one.lastSeen), Date.now()),
  },
];

/** One such request; the failed ones of the service when none is kept. */
function exampleHref(service: string, { exampleTraceIds: [traceId] }: ErrorGroup): string {
  return traceId === undefined
    ? pageHref('/traces', { service, status: 'error' })
    : pageHref(`/traces/${traceId}`);
}

export function ErrorsTab({ service }: { readonly service: string }) {
  const answer = useAnswer('errors', { service }, (query, signal) =>
    client.errors({ ...query, service }, { signal }),
  );
  return (
    <Panel className={css.panel ?? ''} flush dim={answer.isPlaceholderData}>
      {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!answer.data && !answer.error && <SkeletonRows rows={4} />}
      {answer.data?.items.length === 0 && (
        <Empty title="No errors in this time range">That is how it should be.</Empty>
      )}
      {answer.data && answer.data.items.length > 0 && (
        <Table
          label="Errors"
          columns={ERRORS}
          rows={answer.data.items}
          rowKey={(one) => `${one.service} ${one.operation} ${one.type} ${one.shape}`}
          defaultSort="count"
          rowTo={(one) => exampleHref(service, one)}
          command={`cloverctl get errors --service ${service}`}
        />
      )}
    </Panel>
  );
}
