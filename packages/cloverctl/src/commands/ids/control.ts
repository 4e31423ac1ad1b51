// create idsrules, start ids, stop ids.
import type { IdsRuleSet } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CLOVERCTL_ERRORS, usageError } from '../../errors.ts';
import { fileFlag, outputFlag } from '../../flags.ts';
import { showChanged } from '../sdc/set.ts';

/** What only a rule file begins with, behind its comments. */
const RULE_FILE =
  /^(?:\s*#.*\n|\s*\n)*\s*(alert|pass|log|drop|reject|sdrop|block|var|ipvar|portvar)\s/;

export const createIdsRules: Command = {
  path: 'create idsrules',
  aliases: ['idsrule'],
  summary: 'Add rules to the IDS',
  text: 'A file is a rule in the original’s form (sid, protocol, dest_ip, dest_port, src_ip, src_port, msg, rev, content), or a rule file in Snort’s language. What the IDS cannot do is refused by name with its line; the rest is in force for the next request. A rule of the same sid takes the place of the one before. Exits with 3 when a rule was refused.',
  examples: [
    { says: 'the original’s rule', line: 'create idsrules -f idsrule_scan.yaml' },
    { says: 'a file of rules', line: 'create idsrules -f web.rules' },
  ],
  flags: [fileFlag, outputFlag],
  run: async (context) => {
    const files = context.list('file');
    if (files.length === 0)
      throw usageError('name the file with -f', 'cloverctl create idsrules -f web.rules');
    const bodies = [];
    for (const file of files) bodies.push(await readRules(file, context));
    let refused = 0;
    for (const body of bodies) {
      const answer = await context.client.addIdsRules(body, context.call);
      await showChanged(context, answer);
      for (const line of answer.refused) context.note(line);
      refused += answer.refused.length;
    }
    return refused > 0 ? 3 : 0;
  },
};

export const startIds: Command = {
  path: 'start ids',
  summary: 'Start the IDS',
  text: 'It examines the copies of requests that it is sent, until it is stopped. Its rules are kept.',
  examples: [
    { says: 'here', line: 'start ids' },
    { says: 'and show the answer as JSON', line: 'start ids -o json' },
  ],
  flags: [outputFlag],
  run: async (context) => showChanged(context, await context.client.startIds({}, context.call)),
};

export const stopIds: Command = {
  path: 'stop ids',
  summary: 'Stop the IDS',
  text: 'It goes on taking copies of requests, and examines none.',
  examples: [
    { says: 'here', line: 'stop ids' },
    { says: 'and show the answer as JSON', line: 'stop ids -o json' },
  ],
  flags: [outputFlag],
  run: async (context) => showChanged(context, await context.client.stopIds({}, context.call)),
};

async function readRules(file: string, context: Context): Promise<IdsRuleSet> {
  const text = await context.io.readText(file);
  if (text !== undefined && RULE_FILE.test(text)) return { rules: text };
  const { CloverError, IdsRuleSet } = await import('@clover/model');
  if (text === undefined)
    throw new CloverError(CLOVERCTL_ERRORS.noFile, `${file}: there is no such file`, {
      status: 400,
    });
  const { parseYaml } = await import('../../yaml/read-yaml.ts');
  return parseYaml(IdsRuleSet, { text, file: file === '-' ? '<stdin>' : file }).value;
}
