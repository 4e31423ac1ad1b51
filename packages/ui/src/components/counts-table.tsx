import type { CountsAnswer } from '@clover/model';
import type { CloverError } from '@clover/model';
import { duration } from '../format/duration.ts';
import { compact, exact, percent } from '../format/number.ts';
import { pageHref } from '../router/location.ts';
import { ErrorRatio } from './error-ratio.tsx';
import { HttpStatus } from './http-status.tsx';
import { ServiceName } from './service-name.tsx';
import { Empty, Failure, SkeletonRows } from './states.tsx';
import { Table, type Column } from './table.tsx';
import css from './counts-table.module.css';

type Row = CountsAnswer['items'][number];

interface CountsTableProps {
  readonly answer: CountsAnswer | undefined;
  readonly error: CloverError | null;
  readonly onRetry: () => void;
  /** Column titles and filter keys, one per key of the question. */
  readonly titles: readonly string[];
  readonly keys: readonly string[];
  readonly service?: string;
  readonly maxHeight?: number;
}

/** Requests by one or two keys: the largest, their share, and what is left. */
export function CountsTable({
  answer,
  error,
  onRetry,
  titles,
  keys,
  service,
  maxHeight = 560,
}: CountsTableProps) {
  if (error && !answer) return <Failure error={error} onRetry={onRetry} />;
  if (!answer) return <SkeletonRows rows={6} />;
  if (answer.items.length === 0) return <Empty title="Nothing in this time range" />;
  const columns: readonly Column<Row>[] = [
    ...titles.map((title, index): Column<Row> => ({
      key: `k${index}`,
      title,
      width: index === 0 ? 'minmax(180px, 2.4fr)' : 'minmax(90px, 1fr)',
      text: (row) => row.values[index] ?? '',
      cell: (row) => <Value name={keys[index]!} value={row.values[index] ?? ''} />,
    })),
    {
      key: 'count',
      title: 'Requests',
      number: (row) => row.count,
      cell: (row) => <span title={exact(row.count)}>{compact(row.count)}</span>,
    },
    {
      key: 'share',
      title: 'Share',
      minor: true,
      number: (row) => row.ratio,
      cell: (row) => percent(row.ratio),
    },
    {
      key: 'errors',
      title: 'Errors',
      minor: true,
      number: (row) => row.errors / Math.max(1, row.count),
      cell: (row) => (
        <ErrorRatio ratio={row.errors / Math.max(1e-9, row.count)} errors={row.errors} />
      ),
    },
    {
      key: 'p95',
      title: 'p95',
      number: (row) => row.latency?.p95Ns ?? null,
      cell: (row) => duration(row.latency?.p95Ns),
    },
  ];
  return (
    <>
      <Table
        label={`Requests by ${titles.join(' and ').toLowerCase()}`}
        columns={columns}
        rows={answer.items}
        rowKey={(row) => row.values.join('\u0000')}
        defaultSort="count"
        sortKey={`by${keys.join('')}`}
        maxHeight={maxHeight}
        rowTo={(row) => tracesHref(keys, row.values, service)}
        command={`cloverctl get counts --by ${keys.join(',')}${service === undefined ? '' : ` --service ${service}`}`}
      />
      {answer.rest.groups > 0 && (
        <p className={css.rest}>
          {compact(answer.rest.groups)} more with {compact(answer.rest.count)} requests
        </p>
      )}
    </>
  );
}

/** The traces behind a row: its values become filters. */
function tracesHref(
  keys: readonly string[],
  values: readonly string[],
  service: string | undefined,
): string {
  const filters = keys.map((key, index) => `${key}=${values[index] ?? ''}`);
  const kept = new URLSearchParams(window.location.search).getAll('filter');
  return pageHref('/traces', {
    filter: [...kept, ...filters],
    ...(service !== undefined && { service }),
  });
}

function Value({ name, value }: { readonly name: string; readonly value: string }) {
  if (name === 'statusCode') return <HttpStatus code={value} />;
  if (name === 'service') return <ServiceName service={value} plain />;
  if (name === 'url' || name === 'urlTemplate') {
    return (
      <span className="mono" title={value}>
        {value || '(no path)'}
      </span>
    );
  }
  return <span title={value}>{value || '(none)'}</span>;
}
