// create system, delete system, get system: the sample system while Clover runs.
import type { SampleSystem, SampleSystemChanged } from '@clover/model';
import type { Command } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import type { Context } from '../../context.ts';
import { outputFlag } from '../../flags.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';

export const createSystem: Command = {
  path: 'create system',
  summary: 'Start the sample system',
  text: 'Starts the Service Delivery Controller’s services and the clients that send requests to them, in the mesh unless Clover runs without one, and waits until they listen. Istio resources of the sample that are missing are applied; those that somebody changed are kept and named. When it runs already nothing is changed.',
  examples: [
    { says: 'here', line: 'create system' },
    { says: 'and show what came of it as JSON', line: 'create system -o json' },
  ],
  flags: [outputFlag],
  run: async (context) =>
    showSystemChange(context, await context.client.sampleSystemStart({}, context.call)),
};

export const deleteSystem: Command = {
  path: 'delete system',
  summary: 'End the sample system',
  text: 'Ends the clients, then the services; their workloads leave the mesh. The sample’s Istio resources that nobody changed, and that no other resource needs, are removed; the others are kept and named. `undo` brings resources back, `create system` all of it. It asks on a terminal and needs --yes elsewhere.',
  examples: [
    { says: 'without a question', line: 'delete system --yes' },
    { says: 'only the programs', line: 'delete system --keep-resources' },
  ],
  flags: [
    { name: 'keep-resources', says: 'leave all Istio resources in force' },
    { name: 'yes', short: 'y', says: 'do not ask' },
    outputFlag,
  ],
  run: async (context) => {
    const keeps = context.on('keep-resources');
    if (!keeps && !context.on('yes'))
      await confirm(
        context,
        `End the sample system at ${context.client.baseUrl} and remove its Istio resources?`,
      );
    const resources = keeps ? 'keep' : 'remove';
    await showSystemChange(
      context,
      await context.client.sampleSystemEnd({ resources }, context.call),
    );
  },
};

export const getSystem: Command = {
  path: 'get system',
  summary: 'Whether the sample system runs',
  text: 'Its state, where its clients’ requests go, and its programs. Exits with 0 in each state.',
  examples: [
    { says: 'here', line: 'get system' },
    { says: 'its programs, a line each', line: 'get system -o name' },
  ],
  flags: [outputFlag],
  run: async (context) => {
    const system = await context.client.sampleSystem({}, context.call);
    const { output, io } = context;
    if (output === 'json' || output === 'yaml') return showObject(context, system);
    if (output === 'name')
      for (const { name } of system.programs) io.stdout.write(`${harmless(name)}\n`);
    else io.stdout.write(`${harmless(lineOf(system))}\n`);
    return undefined;
  },
};

async function showSystemChange(context: Context, answer: SampleSystemChanged): Promise<void> {
  const { output, io } = context;
  if (output === 'json' || output === 'yaml') return showObject(context, answer);
  const { changed, system, resources } = answer;
  if (output === 'name') io.stdout.write(`${system.state}\n`);
  else io.stdout.write(`${harmless(lineOf(system))}\n`);
  if (!changed) context.note('it was so already');
  for (const { kind, namespace, name, state, why } of resources)
    context.note(`${kind} ${namespace}/${name} ${state}${why && `: ${why}`}`);
}

function lineOf({ state, inMesh, front, programs }: SampleSystem): string {
  if (state !== 'running') return `the sample system is ${state}`;
  const ended = programs.filter(({ running }) => !running).map(({ name }) => name);
  const where = inMesh ? 'in the mesh' : 'without a mesh';
  const count = `${programs.length - ended.length} programs ${where}`;
  const rest = ended.length === 0 ? '' : `; ended by themselves: ${ended.join(', ')}`;
  return `the sample system is running: ${count}, front ${front ?? 'none'}${rest}`;
}
