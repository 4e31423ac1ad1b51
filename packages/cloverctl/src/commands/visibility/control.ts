// init, start, set, stop, clear: the original's verbs, each showing the state that came of it.
import type { VisibilitySet, VisibilityStart } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { fileFlag, outputFlag } from '../../flags.ts';
import { confirm } from '../../confirm.ts';
import { showStatus } from './get.ts';

export const initVisibility: Command = {
  path: 'init visibility',
  summary: 'Prepare the store',
  text: 'Makes the tables that are not there yet. A running Clover has done this by itself; the verb is kept so that scripts of the original work.',
  examples: [
    { says: 'here', line: 'init visibility' },
    { says: 'on another machine', line: 'init visibility --server http://clover.example:9400' },
  ],
  flags: [outputFlag],
  run: async (context) =>
    showStatus(context, await context.client.visibilityInit({}, context.call)),
};

export const startVisibility: Command = {
  path: 'start visibility',
  summary: 'Start to pull from Jaeger and Prometheus',
  text: 'Pulls traces from a Jaeger query API (t_host, t_port) and metrics from a Prometheus query API (m_host, m_port) every sample_interval seconds. Numbers may be written as strings, as the original’s files had them. Without a file it starts again with what was set before.',
  examples: [
    { says: 'with a file', line: 'start visibility -f visibility.yaml' },
    {
      says: 'from stdin',
      line: "echo '{t_host: 127.0.0.1, t_port: 16686}' | cloverctl start visibility -f -",
    },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const { VisibilityStart } = await import('@clover/model');
    // What the schema adds by itself must not win over an earlier file, nor over what the server has.
    const body = (await readFiles(context, VisibilityStart)) as VisibilityStart;
    await showStatus(context, await context.client.visibilityStart(body, context.call));
  },
};

export const setVisibility: Command = {
  path: 'set visibility',
  summary: 'Choose the services and metrics that are tracked',
  text: 'services, metric_prefixes (or prefixes), metric_suffixes (or suffixes) and custom_metrics. A metric’s name is prefix + service (with underscores) + suffix. A key that is absent leaves what was set; an empty list empties it.',
  examples: [
    { says: 'with a file', line: 'set visibility -f metrics.yaml' },
    {
      says: 'services in one file, metrics in another',
      line: 'set visibility -f services.yaml -f metrics.yaml',
    },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const { VisibilitySet } = await import('@clover/model');
    if (context.list('file').length === 0)
      throw usageError('set visibility needs a file', 'cloverctl set visibility -f metrics.yaml');
    const body = (await readFiles(context, VisibilitySet)) as VisibilitySet;
    await showStatus(context, await context.client.visibilitySet(body, context.call));
  },
};

export const stopVisibility: Command = {
  path: 'stop visibility',
  summary: 'Stop to pull',
  text: 'Ends the pulls; what was stored and what is tracked stays. Receivers (OTLP, Zipkin, remote-write) go on.',
  examples: [
    { says: 'here', line: 'stop visibility' },
    { says: 'and show the state as JSON', line: 'stop visibility -o json' },
  ],
  flags: [outputFlag],
  run: async (context) =>
    showStatus(context, await context.client.visibilityStop({}, context.call)),
};

const KINDS = ['spans', 'metrics'] as const;

export const clearVisibility: Command = {
  path: 'clear visibility',
  summary: 'Remove all stored spans and metrics',
  text: 'Empties the store. There is no way back, so it asks on a terminal and needs --yes elsewhere. What is tracked and pulled stays.',
  examples: [
    { says: 'everything, without a question', line: 'clear visibility --yes' },
    { says: 'only the metrics', line: 'clear visibility metrics' },
  ],
  arguments: [{ name: 'WHAT', optional: true, many: true, choices: KINDS, says: 'only these' }],
  flags: [{ name: 'yes', short: 'y', says: 'do not ask' }, outputFlag],
  run: async (context) => {
    const what = KINDS.filter((kind) => context.args.length === 0 || context.args.includes(kind));
    if (!context.on('yes'))
      await confirm(context, `Remove all ${what.join(' and ')} from ${context.client.baseUrl}?`);
    await showStatus(context, await context.client.visibilityClear({ what }, context.call));
  },
};

/** The files of -f, each checked, later keys over earlier ones; only keys that stand in a file. */
async function readFiles(
  context: Context,
  schema: typeof VisibilityStart | typeof VisibilitySet,
): Promise<object> {
  const { readYamlFile } = await import('../../yaml/read-file.ts');
  const body: Record<string, unknown> = {};
  for (const file of context.list('file')) {
    const { value, keys } = await readYamlFile(schema, file, context.io);
    for (const [key, one] of Object.entries(value)) if (keys.includes(key)) body[key] = one;
  }
  return body;
}
