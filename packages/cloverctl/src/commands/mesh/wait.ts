import { setTimeout as sleep } from 'node:timers/promises';
import { parseDurationMs } from '@clover/model/time';
import { CloverError } from '@clover/model/errors';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CLOVERCTL_ERRORS, usageError } from '../../errors.ts';
import { namespaceFlag } from '../resources/names.ts';

const WITHIN = '30s';
const POLL_MS = 100;

export const meshWait: Command = {
  path: 'mesh wait',
  summary: 'Wait until programs are in the mesh and get requests',
  text: 'For scripts that start programs in the background: ends when all that are named are in the mesh and listen, and writes each one’s name. What takes longer than --within ends it with exit code 1.',
  examples: [
    { says: 'two programs', line: 'mesh wait http-lb-v1-0 http-lb-v2-0' },
    { says: 'no longer than five seconds', line: 'mesh wait http-lb-v1-0 --within 5s' },
  ],
  arguments: [{ name: 'NAME', many: true, says: 'as `get workloads` has it' }],
  flags: [
    {
      name: 'within',
      value: 'DURATION',
      type: 'duration',
      says: `give up after so long (default ${WITHIN})`,
    },
    namespaceFlag,
  ],
  async run(context) {
    const { args, io } = context;
    if (args.length === 0) throw usageError('name the programs', 'for example: http-lb-v1-0');
    const within = context.text('within') ?? WITHIN;
    const until = performance.now() + parseDurationMs(within);
    for (;;) {
      const missing = await notReady(context);
      if (missing.length === 0) break;
      if (performance.now() >= until) throw late(missing, within);
      await sleep(POLL_MS, undefined, { signal: io.signal });
    }
    for (const name of args) io.stdout.write(`${name} is ready\n`);
  },
};

interface Missing {
  readonly name: string;
  readonly joined: boolean;
}

async function notReady({ client, call, args, text }: Context): Promise<Missing[]> {
  const namespace = text('namespace') ?? 'default';
  const { items } = await client.workloads({}, call);
  return args.flatMap((name) => {
    const found = items.find((one) => one.name === name && one.namespace === namespace);
    return found?.ready ? [] : [{ name, joined: found !== undefined }];
  });
}

function late(missing: readonly Missing[], within: string): CloverError {
  const words = missing.map(({ name, joined }) =>
    joined ? `${name} does not listen` : `${name} is not in the mesh`,
  );
  return new CloverError(CLOVERCTL_ERRORS.notReady, `${words.join(', ')} after ${within}`, {
    status: 504,
    hint: '`get workloads` lists the programs; `mesh run` names them SERVICE-VERSION-NUMBER unless --name says otherwise',
  });
}
