// The one table: sticky head, sort by click (kept in the URL), a bar in the sorted column, a filter when there is much,
// virtual when long. A row leads somewhere: by click here, by middle or Ctrl click in a new tab.

import { useRef, type MouseEvent, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { exact } from '../format/number.ts';
import { NARROW, useMedia } from '../hooks/use-media.ts';
import { Link } from '../router/link.tsx';
import { navigate, setSearch, useLocation } from '../router/location.ts';
import { CopyAs } from './command-menu.tsx';
import { SearchBox } from './search-box.tsx';
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
  /** The cell has links or buttons of its own, so that it cannot be the row's link. */
  readonly interactive?: boolean;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** URL key of this table's order; two tables of a page need two. */
  readonly sortKey?: string;
  readonly defaultSort?: string;
  /** Where a row leads; its first cell of words is a link there. */
  readonly rowTo?: (row: Row) => string;
  /** What the row stands for is pointed at. */
  readonly onHover?: (row: Row | undefined) => void;
  /** The page has a search box of its own. */
  readonly searched?: boolean;
  /** The `cloverctl` line that gives the same rows; with it, a menu that copies them. */
  readonly command?: string | undefined;
  readonly selected?: string | undefined;
  /** Pixels, or a CSS length. */
  readonly maxHeight?: number | string;
}

const FILTER_FROM = 20;
const VIRTUAL_FROM = 100;
const ROW_PX = 36;

export function Table<Row>({
  label,
  columns: allColumns,
  rows: allRows,
  rowKey,
  sortKey = 'sort',
  defaultSort,
  rowTo,
  onHover,
  searched = false,
  command,
  selected,
  maxHeight,
}: TableProps<Row>) {
  const { search } = useLocation();
  const narrow = useMedia(NARROW);
  const columns = narrow ? allColumns.filter((one) => !one.minor) : allColumns;
  const findKey = `${sortKey}Find`;
  const find = searched ? '' : (search.get(findKey) ?? '');
  const filterable = !searched && (find !== '' || allRows.length > FILTER_FROM);
  const rows = find === '' ? allRows : allRows.filter((row) => holds(row, allColumns, find));
  const leading = columns.find((one) => one.text && !one.interactive);
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
    <>
      {filterable && (
        <div className={css.tools}>
          <SearchBox
            label={`Filter ${label.toLowerCase()}`}
            value={find}
            onChange={(value) => setSearch({ [findKey]: value || null }, { replace: true })}
          />
          {find !== '' && (
            <span className={css.found} role="status">
              {exact(rows.length)} of {exact(allRows.length)}
            </span>
          )}
        </div>
      )}
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
                  className={`${css.row} ${css.body} ${rowTo ? css.clickable : ''} ${selected === key ? css.selected : ''}`}
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
                  onClick={rowTo && ((event) => follow(event, rowTo(row)))}
                  onAuxClick={rowTo && ((event) => follow(event, rowTo(row)))}
                  onPointerEnter={onHover && (() => onHover(row))}
                  onPointerLeave={onHover && (() => onHover(undefined))}
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
                      {rowTo && column === leading ? (
                        <Link to={rowTo(row)} className={`${css.value} ${css.lead}`}>
                          {column.cell(row)}
                        </Link>
                      ) : (
                        <span className={css.value}>{shortened(column.cell(row))}</span>
                      )}
                    </div>
                  ))}
                </div>
              );
            })}
            {rows.length === 0 && <p className={css.none}>Nothing fits “{find}”.</p>}
          </div>
        </div>
      </div>
      {command !== undefined && <CopyAs command={command} json={rows} />}
    </>
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

/** Words that do not fit end in dots, and are whole on hover. */
function shortened(content: ReactNode): ReactNode {
  return typeof content === 'string' ? <span title={content}>{content}</span> : content;
}

/** Links and buttons inside a row do their own work; the rest of it does what its link would. */
function follow(event: MouseEvent, to: string): void {
  if ((event.target as HTMLElement).closest('a, button, input, label')) return;
  // Who marked some of the text did not mean to leave.
  if (window.getSelection()?.type === 'Range') return;
  if (event.button === 1 || (event.button === 0 && (event.ctrlKey || event.metaKey)))
    window.open(to, '_blank', 'noopener');
  else if (event.button === 0) navigate(to);
}

/** Whether any column of words has all the words. */
function holds<Row>(row: Row, columns: readonly Column<Row>[], find: string): boolean {
  const text = columns
    .map((one) => one.text?.(row) ?? '')
    .join(' ')
    .toLowerCase();
  return find
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
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
