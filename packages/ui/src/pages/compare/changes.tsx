import type { CompareAnswer } from '@clover/model';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { percent, probability, rate } from '../../format/number.ts';
import css from './compare.module.css';

type Change = CompareAnswer['changes'][number];

const value = (one: Change, side: number) =>
  one.kind === 'latency' ? duration(side) : one.kind === 'errors' ? percent(side) : rate(side);
/** A rate that was nothing before has no percentage. */
function effect(one: Change): string {
  const sign = one.effect > 0 ? '+' : '−';
  if (one.kind === 'errors') return `${sign}${(Math.abs(one.effect) * 100).toFixed(2)} pt`;
  if (one.a === 0) return 'new';
  return one.b === 0 ? 'gone' : `${sign}${percent(Math.abs(one.effect))}`;
}
const worse = (one: Change) => one.kind !== 'rate' && one.effect > 0;

const COLUMNS: readonly Column<Change>[] = [
  {
    key: 'service',
    title: 'Service',
    width: 'minmax(150px, 1.6fr)',
    text: (one) => one.service,
    cell: (one) => <ServiceName service={one.service} plain />,
  },
  {
    key: 'operation',
    title: 'Operation',
    minor: true,
    text: (one) => one.operation,
    cell: (one) => <span title={one.operation}>{one.operation || 'all'}</span>,
  },
  { key: 'kind', title: 'What', width: '84px', text: (one) => one.kind, cell: (one) => one.kind },
  { key: 'a', title: 'A', number: (one) => one.a, cell: (one) => value(one, one.a) },
  { key: 'b', title: 'B', number: (one) => one.b, cell: (one) => value(one, one.b) },
  {
    key: 'effect',
    title: 'Effect',
    number: (one) => Math.abs(one.effect),
    cell: (one) => (
      <span className={!one.significant ? css.quiet : worse(one) ? css.bad : css.good}>
        {effect(one)}
      </span>
    ),
  },
  {
    key: 'p',
    title: 'p',
    minor: true,
    width: '84px',
    hint: 'probability of a change as large by chance, corrected for the number of comparisons',
    number: (one) => one.pValue,
    cell: (one) => probability(one.pValue),
  },
];

/** Significant ones first, as the server ranks them. */
export function Changes({
  changes,
  tracesOf,
}: {
  readonly changes: readonly Change[];
  readonly tracesOf: (side: 'a' | 'b', more: Record<string, string>) => string;
}) {
  if (changes.length === 0)
    return <Empty title="Nothing to compare">One of the sides has no requests.</Empty>;
  return (
    <Table
      label="What changed"
      columns={COLUMNS}
      rows={changes}
      rowKey={(one) => `${one.kind} ${one.service} ${one.operation}`}
      maxHeight={460}
      rowTo={(one) =>
        // What is gone stands in A alone.
        tracesOf(one.b === 0 && one.kind === 'rate' ? 'a' : 'b', {
          service: one.service,
          ...(one.operation !== '' && { operation: one.operation }),
          ...(one.kind === 'errors' && { status: 'error' }),
          ...(one.kind === 'latency' && { sort: 'slowest' }),
        })
      }
    />
  );
}
