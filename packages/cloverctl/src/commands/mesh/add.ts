import { isIP } from 'node:net';
import type { Command } from '../../command.ts';
import { usageError } from '../../errors.ts';
import { outputFlag } from '../../flags.ts';
import { showObject } from '../../output/show.ts';
import { namespaceFlag } from '../resources/names.ts';
import { joinFlags, readJoinFlags } from './join-flags.ts';
import { programEnvironment } from './program-environment.ts';

export const meshAdd: Command = {
  path: 'mesh add',
  summary: 'Take a program that runs already into the mesh',
  text: 'Registers a program by its address and ports; from then on requests to its service come to it. It stays, also over a restart of the controller, until `mesh remove`. Its own requests go through the mesh when it sends them to the addresses that are printed: as variables for a shell.',
  examples: [
    {
      says: 'a program on port 19180',
      line: 'mesh add --service http-lb --label version=v3 --port 9180:19180',
    },
    {
      says: 'on another machine',
      line: 'mesh add --service db --port 5432 --protocol TCP --address 192.0.2.7',
    },
  ],
  flags: [
    ...joinFlags,
    { name: 'address', value: 'IP', says: 'where it runs (default 127.0.0.1)' },
    outputFlag,
  ],
  async run(context) {
    const flags = readJoinFlags(context, 'same');
    if (flags.ports.length === 0)
      throw usageError('name its ports with --port', 'for example: --port 9180:19180');
    if (flags.ports.some(({ targetPort }) => targetPort === 0))
      throw usageError(
        'a program that runs has its port already',
        'for example: --port 9180:19180',
      );
    const address = context.text('address');
    if (address !== undefined && isIP(address) === 0)
      throw usageError(`--address takes an IP address, not "${address}"`, 'for example: 192.0.2.7');
    const answer = await context.client.workloadJoin({ ...flags, address }, context.call);
    const { workload } = answer;
    const { io, output } = context;
    if (output === 'json' || output === 'yaml') return showObject(context, answer);
    if (output === 'name') io.stdout.write(`${workload.name}\n`);
    else
      for (const [key, value] of Object.entries(programEnvironment(workload)))
        io.stdout.write(`${key}=${value}\n`);
    context.note(`${workload.namespace}/${workload.name} is in the mesh`);
    return undefined;
  },
};

export const meshRemove: Command = {
  path: 'mesh remove',
  summary: 'Take workloads out of the mesh',
  text: 'From then on they get no requests and have no listeners. Their programs run on.',
  examples: [
    { says: 'one', line: 'mesh remove http-lb-v3-0' },
    { says: 'in another namespace', line: 'mesh remove db-0 -n shop' },
  ],
  arguments: [{ name: 'NAME', many: true, says: 'as `get workloads` has it' }],
  flags: [namespaceFlag],
  async run(context) {
    const namespace = context.text('namespace') ?? 'default';
    for (const name of context.args) {
      await context.client.workloadRemove({ namespace, name }, context.call);
      context.note(`${namespace}/${name} is out of the mesh`);
    }
  },
};
