// An answer in the form that was asked for.
import type { Meta } from '@clover/model';
import type { Context } from '../context.ts';
import { noteMeta } from './meta-notes.ts';
import { harmless } from './text.ts';
import { tableLines, type Column } from './table.ts';

export interface View<Answer, Row> {
  readonly rows: (answer: Answer) => readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** What `-o name` writes, a line each. */
  readonly name: (row: Row) => string;
  /** Said on stderr when there are no rows. */
  readonly empty: string;
  /** Further lines on stderr. */
  readonly notes?: (answer: Answer, context: Context) => readonly string[];
}

/** Writes the answer to stdout and what limits it to stderr. JSON and YAML are the API's own objects. */
export async function show<Answer extends object, Row>(
  context: Context,
  answer: Answer,
  view: View<Answer, Row>,
): Promise<void> {
  const { io, output } = context;
  const rows = view.rows(answer);
  if (output === 'json' || output === 'yaml') await showObject(context, answer);
  else if (output === 'name')
    for (const row of rows) io.stdout.write(`${harmless(view.name(row))}\n`);
  else showTable(context, rows, view.columns);
  if (rows.length === 0 && output !== 'json' && output !== 'yaml') context.note(view.empty);
  const { meta } = answer as { meta?: Meta };
  if (meta) noteMeta(context, meta, { rows: rows.length });
  for (const line of view.notes?.(answer, context) ?? []) context.note(line);
}

/** Any object as JSON (a line each under --watch, for pipes) or YAML. */
export async function showObject(context: Context, value: unknown): Promise<void> {
  if (context.output === 'yaml') {
    const { stringify } = await import('yaml');
    context.io.stdout.write(`${context.on('watch') ? '---\n' : ''}${stringify(value)}`);
    return;
  }
  const text = context.on('watch') ? JSON.stringify(value) : JSON.stringify(value, null, 2);
  context.io.stdout.write(`${text}\n`);
}

/** For a report of several tables, which people read: headers in a pipe too. */
export const REPORT = { header: true } as const;

/** A table on stdout; `header` wins over what stdout is. */
export function showTable<Row>(
  context: Context,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { readonly header?: boolean } = {},
): void {
  const lines = tableLines(rows, columns, {
    style: context.style,
    figures: context.figures,
    wide: context.output === 'wide',
    header: options.header ?? (context.terminal || context.outputNamed),
    drawn: context.terminal && context.figures.unicode,
    width: context.terminal ? context.width : undefined,
  });
  for (const line of lines) context.io.stdout.write(`${line}\n`);
}
