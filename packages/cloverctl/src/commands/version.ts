import { createRequire } from 'node:module';
import { CloverError } from '@clover/model/errors';
import type { VersionAnswer } from '@clover/model';
import type { Command } from '../command.ts';
import { outputFlag } from '../flags.ts';
import { factLines } from '../output/facts.ts';
import { showObject } from '../output/show.ts';

const { version: clientVersion } = createRequire(import.meta.url)('../../package.json') as {
  version: string;
};

export const version: Command = {
  path: 'version',
  summary: 'Versions of cloverctl and of the controller',
  text: 'The version of this program and of the controller that it asks, with its store and schema.',
  examples: [
    { says: 'both', line: 'version' },
    { says: 'only this program, without asking', line: 'version --client' },
  ],
  flags: [{ name: 'client', says: 'only cloverctl’s own' }, outputFlag],
  run: async (context) => {
    const client = { version: clientVersion, node: process.version };
    let server: VersionAnswer | undefined;
    let failure: CloverError | undefined;
    if (!context.on('client')) {
      try {
        server = await context.client.version({}, context.call);
      } catch (error) {
        if (!(error instanceof CloverError)) throw error;
        failure = error;
      }
    }
    if (context.output === 'json' || context.output === 'yaml')
      await showObject(context, { client, server: server ?? null });
    else {
      const facts = [
        { name: context.io.programName, text: `${client.version} (Node.js ${client.node})` },
      ];
      if (server)
        facts.push(
          {
            name: 'controller',
            text: `${server.version} at ${context.client.baseUrl} (Node.js ${server.node})`,
          },
          { name: 'store', text: `${server.engine}, schema ${server.schema}` },
          { name: 'up since', text: context.figures.time(server.startedAt) },
        );
      for (const line of factLines(facts, context)) context.io.stdout.write(`${line}\n`);
    }
    if (failure) throw failure;
  },
};
