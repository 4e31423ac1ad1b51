import type { GraphEdge } from '@clover/model';
import { ErrorRatio } from '../../components/error-ratio.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { compact, exact, rate } from '../../format/number.ts';
import { searchHref } from '../../router/location.ts';
import { edgeKey } from './shown-graph.ts';

const COLUMNS: readonly Column<GraphEdge>[] = [
  {
    key: 'from',
    title: 'From',
    width: 'minmax(150px, 1.6fr)',
    text: (one) => one.from,
    cell: (one) => <ServiceName service={one.from} plain />,
  },
  {
    key: 'to',
    title: 'To',
    width: 'minmax(150px, 1.6fr)',
    text: (one) => one.to,
    cell: (one) => <ServiceName service={one.to} plain />,
  },
  {
    key: 'protocol',
    title: 'Protocol',
    minor: true,
    width: '90px',
    text: (one) => one.protocol,
    cell: (one) => one.protocol || '–',
  },
  {
    key: 'requests',
    title: 'Requests',
    minor: true,
    number: (one) => one.requests,
    cell: (one) => <span title={exact(one.requests)}>{compact(one.requests)}</span>,
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
    title: 'p95, callee',
    number: (one) => one.latency?.p95Ns ?? null,
    cell: (one) => duration(one.latency?.p95Ns),
  },
  {
    key: 'client',
    title: 'p95, caller',
    minor: true,
    number: (one) => one.clientLatency?.p95Ns ?? null,
    cell: (one) => duration(one.clientLatency?.p95Ns),
  },
  { key: 'lost', title: 'Lost', number: (one) => one.lost, cell: (one) => compact(one.lost) },
  {
    key: 'proxy',
    title: 'By proxy',
    minor: true,
    hint: 'answered by a proxy itself',
    number: (one) => one.answeredByProxy,
    cell: (one) => compact(one.answeredByProxy),
  },
];

/** The map as a table, under the same URL. */
export function EdgeTable({ edges }: { readonly edges: readonly GraphEdge[] }) {
  return (
    <Table
      label="Edges"
      columns={COLUMNS}
      rows={edges}
      rowKey={edgeKey}
      defaultSort="rate"
      maxHeight={720}
      rowTo={(edge) => searchHref({ edge: edgeKey(edge), node: null })}
      searched
    />
  );
}
