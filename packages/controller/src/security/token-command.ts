// `clover token --name NAME --role ROLE`: prints a new token once, and the entry for the configuration.

import { parseArgs } from 'node:util';
import { CloverError } from '@clover/model';
import { ROLES, type Role } from './token-entries.ts';
import { createToken } from './tokens.ts';

export async function tokenCommand(argv: readonly string[]): Promise<string> {
  const values = parsed(argv);
  if (!values.name || !ROLES.includes(values.role as Role)) {
    throw new CloverError('token.usage', 'clover token --name NAME --role viewer|operator|admin', {
      hint: 'viewer asks, operator also sends and sets, admin also clears',
      status: 400,
    });
  }
  const { token, entry } = await createToken(values.name, values.role as Role);
  return `# ${entry.name}'s token, shown this once:\n# ${token}\ntokens:\n- name: ${JSON.stringify(entry.name)}\n  role: ${entry.role}\n  id: ${entry.id}\n  hash: ${entry.hash}`;
}

/** Nothing for words that it does not know. */
function parsed(argv: readonly string[]): { name?: string; role?: string } {
  try {
    const options = { name: { type: 'string' }, role: { type: 'string' } } as const;
    return parseArgs({ args: [...argv], options, strict: true }).values;
  } catch {
    return {};
  }
}
