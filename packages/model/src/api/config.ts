import { z } from 'zod';

/** One setting as it is in force, and where its value came from. */
export const ConfigItem = z.object({
  key: z.string().describe('as in clover.yaml: otlpGrpcPort, clickhouse.url'),
  value: z.unknown().describe('secrets are shown as ********'),
  origin: z.enum(['flag', 'environment', 'file', 'user-file', 'default']),
  from: z.string().describe('the flag, variable or file:line that set it; empty for a default'),
  flag: z.string(),
  environment: z.string(),
  description: z.string(),
});
export type ConfigItem = z.infer<typeof ConfigItem>;
export const ConfigAnswer = z.object({
  items: z.array(ConfigItem),
  files: z.array(z.string()).describe('configuration files that were read, first wins'),
});
export type ConfigAnswer = z.infer<typeof ConfigAnswer>;
