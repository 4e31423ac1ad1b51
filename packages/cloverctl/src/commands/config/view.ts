import { CloverError } from '@clover/model/errors';
import type { ConfigAnswer } from '@clover/model';
import { SETTING_NAMES, SETTINGS, userFileOf } from '../../config/settings.ts';
import type { Command } from '../../command.ts';
import { outputFlag } from '../../flags.ts';
import { textColumn } from '../../output/columns.ts';
import { showObject, showTable } from '../../output/show.ts';

interface Row {
  readonly of: 'cloverctl' | 'controller';
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
  readonly from: string;
}

export const configView: Command = {
  path: 'config view',
  summary: 'Settings in force, and where each came from',
  text: 'Settings of cloverctl and of the controller that it asks (which an admin’s token may see). With --show-origin where each value came from: flag, environment, clover.yaml, the user’s file, or default. Secrets are shown as ********.',
  examples: [
    { says: 'with origins', line: 'config view --show-origin' },
    { says: 'only what is not a default', line: 'config view --changed' },
  ],
  flags: [
    { name: 'show-origin', says: 'where each value came from' },
    { name: 'changed', says: 'only what is not a default' },
    { name: 'client', says: 'only cloverctl’s own settings, without asking' },
    outputFlag,
  ],
  run: async (context) => {
    const { settings, io } = context;
    const own = SETTING_NAMES.map((key): Row => {
      const { value, origin, from } = settings[key];
      return {
        of: 'cloverctl',
        key,
        value: key === 'token' && value !== undefined ? '********' : (value ?? null),
        origin,
        from,
      };
    });
    let controller: ConfigAnswer | undefined;
    let failure: CloverError | undefined;
    if (!context.on('client')) {
      try {
        controller = (await context.client.config({}, context.call)) as ConfigAnswer;
      } catch (error) {
        if (!(error instanceof CloverError)) throw error;
        failure = error;
      }
    }
    const rows = [
      ...own,
      ...(controller?.items ?? []).map((item): Row => ({ of: 'controller', ...item })),
    ].filter((row) => !context.on('changed') || row.origin !== 'default');
    if (context.output === 'json' || context.output === 'yaml')
      await showObject(context, {
        cloverctl: own.map(({ key, value, origin, from }) => ({
          key,
          value,
          origin,
          from,
          environment: SETTINGS[key as keyof typeof SETTINGS].environment,
        })),
        controller: controller ?? null,
      });
    else if (context.output === 'name') for (const row of rows) io.stdout.write(`${row.key}\n`);
    else
      showTable<Row>(context, rows, [
        { title: 'OF', text: (row) => row.of, paint: (_, style) => style.dim },
        textColumn('SETTING', (row) => row.key),
        textColumn('VALUE', (row) => textOf(row.value), { shrinkTo: 16 }),
        ...(context.on('show-origin') || context.output === 'wide'
          ? [
              {
                title: 'ORIGIN',
                text: (row: Row) => row.origin,
                paint: (row: Row, style: typeof context.style) =>
                  row.origin === 'default' ? style.dim : style.cyan,
              },
              textColumn<Row>('FROM', (row) => row.from, { shrinkTo: 16 }),
            ]
          : []),
      ]);
    if (context.terminal && context.on('show-origin'))
      context.note(context.errorStyle.dim(`user's file: ${userFileOf(io)}`));
    if (failure) context.note(`the controller's settings are not shown: ${failure.message}`);
  },
};

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
