import { CloverError } from '@clover/model';
import { z } from 'zod';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** A token as the configuration holds it: never the token itself. */
export const TokenEntry = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.enum(ROLES),
  id: z
    .string()
    .regex(/^[a-z0-9]{8}$/, 'is the part of a token after "clv_": eight letters and digits'),
  hash: z.string().regex(/^scrypt:\d+:\d+:\d+:[\w-]+:[\w-]+$/, 'is what `clover token` printed'),
});
export type TokenEntry = z.infer<typeof TokenEntry>;

/** The list `tokens:` of a configuration. Throws CloverError `config.bad_tokens` with a place per fault. */
export function parseTokenEntries(raw: unknown, at: string): TokenEntry[] {
  const parsed = z.array(TokenEntry).safeParse(raw ?? []);
  if (parsed.success) return parsed.data;
  throw new CloverError('config.bad_tokens', `${at}: the list of tokens has a fault`, {
    status: 400,
    hint: 'create an entry with `clover token --name NAME --role viewer|operator|admin`',
    issues: parsed.error.issues.map((issue) => ({
      at: `${at} tokens${issue.path.map((part) => `[${String(part)}]`).join('')}`,
      message: issue.message,
    })),
  });
}
