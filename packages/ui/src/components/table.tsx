// The one table: sticky head, sort by click (kept in the URL), a bar in the sorted column, virtual when long.

import { useRef, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { setSearch, useLocation } from '../router/location.ts';
import { NARROW, useMedia } from '../hooks/use-media.ts';
import css from './table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Makes the column sortable, and numbers right-aligned. */
  readonly number?: (row: Row) => number | null;
  readonly text?: (row: Row) => string;
  /** CSS width; `1fr` when not given. */
  readonly width?: string;
  /** CSS width on narrow screens, where `minmax(0, …)` takes the place of wide minimums. */
  readonly narrowWidth?: string;
  /** Left out on narrow screens. */
  readonly minor?: boolean;
  readonly hint?: string;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** URL key of this table's order; two tables of a page need two. */
  readonly sortKey?: string;
  readonly defaultSort?: string;
  readonly onRow?: (row: Row) => void;
  readonly selected?: string | undefined;
  /** Pixels, or a CSS length. */
  readonly maxHeight?: number | string;
}

const VIRTUAL_FROM = 100;
const ROW_PX = 36;

export function Table<Row>({
  label,
  columns: allColumns,
  rows,
  rowKey,
  sortKey = 'sort',
  defaultSort,
  onRow,
  selected,
  maxHeight,
}: TableProps<Row>) {
  const { search } = useLocation();
  const narrow = useMedia(NARROW);
  const columns = narrow ? allColumns.filter((one) => !one.minor) : allColumns;
  const sort = search.get(sortKey) ?? defaultSort ?? '';
  const ascending = sort.startsWith('-');
  const sorted = columns.find((one) => one.key === sort.replace(/^-/, ''));
  const ordered = sorted ? orderedBy(rows, sorted, ascending) : rows;
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = rows.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: ordered.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    enabled: virtual,
  });
  const largest = sorted?.number ? Math.max(...rows.map((row) => sorted.number!(row) ?? 0)) : 0;
  const template = columns
    .map((one) => (narrow ? (one.narrowWidth ?? narrowed(one)) : (one.width ?? 'minmax(0, 1fr)')))
    .join(' ');
  const shown = virtual
    ? virtualizer.getVirtualItems().map(({ index, start }) => ({ row: ordered[index]!, start }))
    : ordered.map((row, index) => ({ row, start: index * ROW_PX }));

  return (
    <div
      className={css.scroll}
      ref={scroll}
      style={{ maxHeight: virtual ? (maxHeight ?? 640) : maxHeight }}
      tabIndex={virtual ? 0 : undefined}
    >
      <div
        className={css.table}
        role="table"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        style={{ '--columns': template } as React.CSSProperties}
      >
        <div role="rowgroup" className={css.head}>
          <div role="row" className={css.row}>
            {columns.map((column) => {
              const active = column === sorted;
              const order = active ? (ascending ? 'ascending' : 'descending') : 'none';
              const sortable = column.number !== undefined || column.text !== undefined;
              return (
                <div
                  key={column.key}
                  role="columnheader"
                  aria-sort={sortable ? order : undefined}
                  className={classesOf(column)}
                  title={column.hint}
                >
                  {sortable ? (
                    <button
                      type="button"
                      onClick={() =>
                        setSearch(
                          { [sortKey]: active && !ascending ? `-${column.key}` : column.key },
                          { replace: true },
                        )
                      }
                    >
                      {active &&
                        (ascending ? <IconArrowUp size={12} /> : <IconArrowDown size={12} />)}
                      {column.title}
                    </button>
                  ) : (
                    column.title
                  )}
                </div>
              );
            })}
          </div>
        </div>
        <div
          role="rowgroup"
          className={virtual ? css.virtual : undefined}
          style={virtual ? { height: virtualizer.getTotalSize() } : undefined}
        >
          {shown.map(({ row, start }) => {
            const key = rowKey(row);
            return (
              <div
                key={key}
                role="row"
                className={`${css.row} ${css.body} ${onRow ? css.clickable : ''} ${selected === key ? css.selected : ''}`}
                style={
                  virtual
                    ? {
                        position: 'absolute',
                        top: 0,
                        left: 0,
                        right: 0,
                        transform: `translateY(${start}px)`,
                      }
                    : undefined
                }
                onClick={onRow && ((event) => isPlainClick(event) && onRow(row))}
                onKeyDown={
                  onRow &&
                  ((event) =>
                    event.key === 'Enter' && event.target === event.currentTarget && onRow(row))
                }
                tabIndex={onRow ? 0 : undefined}
              >
                {columns.map((column) => (
                  <div key={column.key} role="cell" className={classesOf(column)}>
                    {column === sorted && column.number && largest > 0 && (
                      <span
                        className={css.bar}
                        style={{
                          width: `${Math.max(0, ((column.number(row) ?? 0) / largest) * 100)}%`,
                        }}
                        aria-hidden
                      />
                    )}
                    <span className={css.value}>{column.cell(row)}</span>
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Names share what the numbers leave; a number keeps room for four digits and its unit. */
function narrowed<Row>({ number, width }: Column<Row>): string {
  if (number) return 'minmax(66px, auto)';
  return `minmax(0, ${/([\d.]+fr)/.exec(width ?? '')?.[1] ?? (width === undefined ? '1fr' : width)})`;
}

function classesOf<Row>(column: Column<Row>): string {
  return `${css.cell} ${column.number ? css.number : ''}`;
}

/** Links and buttons inside a row do their own work. */
function isPlainClick(event: React.MouseEvent): boolean {
  return event.button === 0 && !(event.target as HTMLElement).closest('a, button, input, label');
}

function orderedBy<Row>(
  rows: readonly Row[],
  column: Column<Row>,
  ascending: boolean,
): readonly Row[] {
  const { number, text } = column;
  const sign = ascending ? 1 : -1;
  if (number)
    return rows.toSorted((a, b) => sign * ((number(a) ?? -Infinity) - (number(b) ?? -Infinity)));
  return text ? rows.toSorted((a, b) => -sign * text(a).localeCompare(text(b))) : rows;
}
