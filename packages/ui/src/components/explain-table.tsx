import type { ExplainAnswer } from '@clover/model';
import { compact, percent, probability } from '../format/number.ts';
import { addFilter } from '../hooks/use-scope.ts';
import css from './explain-table.module.css';
import { Empty } from './states.tsx';
import { Table, type Column } from './table.tsx';

type Item = ExplainAnswer['items'][number];

/** Attribute values that stand out, with both shares side by side. */
export function ExplainTable({
  items,
  a,
  b,
}: {
  readonly items: readonly Item[];
  readonly a: string;
  readonly b: string;
}) {
  if (items.length === 0)
    return (
      <Empty title="No attribute sets them apart">
        Nothing is over- or under-represented beyond chance.
      </Empty>
    );
  const columns: readonly Column<Item>[] = [
    {
      key: 'value',
      title: 'Attribute',
      width: 'minmax(220px, 2fr)',
      text: (one) => [one, ...one.also].map(({ key, value }) => `${key} ${value}`).join(' '),
      interactive: true,
      cell: (one) => (
        <button
          type="button"
          className={css.value}
          title={`Filter by ${one.key}=${one.value}`}
          onClick={() => addFilter(`${one.key}=${one.value}`)}
        >
          <span className={css.key}>{one.key}</span> {one.value || '(empty)'}
          {one.also.length > 0 && (
            <span
              className={css.key}
              title={one.also.map(({ key, value }) => `${key}=${value}`).join('\n')}
            >
              {' '}
              = {one.also.map(({ key }) => key).join(', ')}
            </span>
          )}
        </button>
      ),
    },
    {
      key: 'shares',
      title: `${b} / ${a}`,
      width: 'minmax(180px, 1.4fr)',
      minor: true,
      cell: (one) => <Shares one={one} />,
    },
    { key: 'b', title: b, number: (one) => one.bRatio, cell: (one) => percent(one.bRatio) },
    { key: 'a', title: a, number: (one) => one.aRatio, cell: (one) => percent(one.aRatio) },
    {
      key: 'lift',
      title: 'Lift',
      number: (one) => one.lift,
      cell: (one) => (one.lift >= 1e9 ? 'only here' : `×${compact(one.lift)}`),
    },
    {
      key: 'p',
      title: 'p',
      hint: 'probability of a difference as large by chance',
      minor: true,
      number: (one) => one.pValue,
      cell: (one) => probability(one.pValue),
    },
  ];
  return (
    <Table
      label="What sets them apart"
      columns={columns}
      rows={items}
      rowKey={(one) => `${one.key} ${one.value}`}
      sortKey="differs"
      maxHeight={420}
    />
  );
}

function Shares({ one }: { readonly one: Item }) {
  return (
    <span className={css.shares} aria-hidden>
      <span className={css.b} style={{ width: `${one.bRatio * 100}%` }} />
      <span className={css.a} style={{ width: `${one.aRatio * 100}%` }} />
    </span>
  );
}
