import { CloverError } from '@clover/model/errors';
import type { ImportAnswer } from '@clover/model';
import type { ImportProgress } from '@clover/client';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT, usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { oneOf } from '../../one-of.ts';
import { textColumn } from '../../output/columns.ts';
import { showObject, showTable } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { createProgressBar } from './progress-bar.ts';
import { openInput } from './open-input.ts';

const FORMATS = ['auto', 'jaeger', 'zipkin', 'otlp', 'prometheus'] as const;

/** What came of one file. */
interface Row extends Omit<ImportAnswer, 'format'> {
  readonly file: string;
  readonly format: string;
  readonly error?: string;
}

export const importFiles: Command = {
  path: 'import',
  summary: 'Bring in files of spans or metrics',
  text: 'Jaeger API JSON, Zipkin JSON, OTLP JSON and JSON lines, Prometheus text; plain or gzipped; - is stdin. The format is found out by itself. A span that is there already counts once, so a file may be sent again. With several files the others go on when one is bad; the exit code is then 1.',
  examples: [
    { says: 'some files', line: 'import traces.json.gz metrics.prom' },
    { says: 'from another program', line: 'import - < spans.jsonl' },
  ],
  arguments: [{ name: 'FILE', many: true, says: 'files, - for stdin', completes: 'file' }],
  flags: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: FORMATS,
      says: `${FORMATS.join(', ')} (default auto)`,
    },
    { name: 'quiet', short: 'q', says: 'no progress' },
    outputFlag,
  ],
  run: async (context) => {
    const files = context.args;
    if (files.filter((file) => file === '-').length > 1)
      throw usageError('stdin can be read once only');
    const format = oneOf(FORMATS, 'format', context.text('format'));
    const rows: Row[] = [];
    let exit: number = EXIT.ok;
    for (const file of files) {
      try {
        rows.push({ file, ...(await send(context, file, format)) });
      } catch (error) {
        if (!(error instanceof CloverError)) throw error;
        // Whatever keeps one file out for good keeps them all out.
        if (
          files.length === 1 ||
          error.status === 401 ||
          error.status === 403 ||
          error.code.startsWith('client.')
        )
          throw error;
        exit = EXIT.failed;
        rows.push({ ...NOTHING, file, error: error.message });
        context.note(
          `${context.errorStyle.red(`${context.io.programName}:`)} ${harmless(error.message.startsWith(`${file}: `) ? error.message : `${file}: ${error.message}`)}`,
        );
        if (error.hint) context.note(`  ${harmless(error.hint)}`);
      }
    }
    await report(context, rows);
    return exit;
  },
};

const NOTHING = {
  format: '-',
  spans: 0,
  traces: 0,
  services: [],
  points: 0,
  refused: [],
  firstTime: null,
  lastTime: null,
};

async function send(
  context: Context,
  file: string,
  format: (typeof FORMATS)[number] | undefined,
): Promise<ImportAnswer> {
  const input = await openInput(file, context.io.stdin);
  const bar = createProgressBar(context, file, input.sizeBytes, !context.on('quiet'));
  try {
    return await context.client.import(
      input.body,
      { format, name: file === '-' ? undefined : file },
      { ...context.call, onProgress: (progress: ImportProgress) => bar.update(progress) },
    );
  } finally {
    bar.end();
    input.close();
  }
}

async function report(context: Context, rows: readonly Row[]): Promise<void> {
  if (context.output === 'json' || context.output === 'yaml') return showObject(context, rows);
  if (context.output === 'name') {
    for (const row of rows) context.io.stdout.write(`${row.file}\n`);
    return;
  }
  showTable<Row>(context, rows, [
    textColumn('FILE', (row) => row.file, { shrinkTo: 16 }),
    { title: 'FORMAT', text: (row) => row.format },
    { title: 'SPANS', align: 'right', text: (row) => String(row.spans) },
    { title: 'TRACES', align: 'right', text: (row) => String(row.traces) },
    { title: 'POINTS', align: 'right', text: (row) => String(row.points) },
    { title: 'SERVICES', align: 'right', text: (row) => String(row.services.length) },
    {
      title: 'REFUSED',
      align: 'right',
      text: (row) => String(row.refused.reduce((sum, { count }) => sum + count, 0)),
    },
    { title: 'FROM', text: (row, figures) => figures.time(row.firstTime) },
    { title: 'TO', text: (row, figures) => figures.time(row.lastTime) },
    textColumn('NAMES', (row) => row.services.join(','), { wide: true }),
  ]);
  for (const row of rows)
    for (const { reason, count } of row.refused)
      context.note(
        `${context.errorStyle.yellow('note')}: ${harmless(`${row.file}: ${count} refused: ${reason}`)}`,
      );
  const times = rows.flatMap((row) => (row.firstTime === null ? [] : [Date.parse(row.firstTime)]));
  if (context.terminal && times.length > 0 && Math.min(...times) < context.io.nowMs() - 900e3) {
    const start = new Date(Math.min(...times)).toISOString();
    context.note(
      context.errorStyle.dim(
        `older than the usual 15 minutes: ${context.io.programName} get services --start ${start}`,
      ),
    );
  }
}
