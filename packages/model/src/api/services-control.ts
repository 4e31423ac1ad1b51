// Changes of the sample services while they run, in the form of the original's files. What stands there
// becomes text on its way to a service (its gRPC fields are strings); the service itself judges it.

import { z } from 'zod';

/** Numbers came as strings in the original's files; both are taken. */
const Text = z.union([z.string(), z.number()]).transform(String);
const ServerName = Text.describe('whom to change, as host name: http-lb-v1, http-lb-v1.default');

export const ProxySet = z.strictObject({
  server_name: ServerName.optional(),
  proxy_name: ServerName.optional().describe('whom to change, when server_name is to be set anew'),
  server_port: Text.optional(),
  location_path: Text.optional(),
  proxy_path: Text.optional().describe('host:port that requests go to'),
  mirror_path: Text.optional().describe('host:port that copies go to; off ends them'),
});
export type ProxySet = z.infer<typeof ProxySet>;

export const LoadBalancerSet = z.strictObject({
  server_name: ServerName.optional(),
  lb_name: ServerName.optional().describe('whom to change, when server_name is to be set anew'),
  server_port: Text.optional(),
  lb_group: Text.optional(),
  lb_path: Text.optional(),
  lb_list: z
    .array(z.strictObject({ url: Text }))
    .min(1)
    .optional(),
});
export type LoadBalancerSet = z.infer<typeof LoadBalancerSet>;

export const ServerSet = z.strictObject({
  server_name: ServerName,
  server_port: Text.optional(),
  site_root: Text.optional(),
  site_index: Text.optional(),
  upload_path_config: Text.optional(),
  upload_path_test: Text.optional(),
  locations: z
    .array(z.strictObject({ uri_match: Text, directive: Text, path: Text.optional() }))
    .optional(),
  files: z.array(z.strictObject({ src_file: Text, dest_file: Text })).optional(),
});
export type ServerSet = z.infer<typeof ServerSet>;

export const ServiceChanged = z.object({
  service: z.string().describe('instance that was changed'),
  message: z.string().describe('what it answered'),
});
export type ServiceChanged = z.infer<typeof ServiceChanged>;

/** A rule as the original's files have it, or a rule file's text. */
export const IdsRuleSet = z.strictObject({
  sid: Text.optional(),
  protocol: Text.optional(),
  dest_port: Text.optional(),
  dest_ip: Text.optional(),
  src_port: Text.optional(),
  src_ip: Text.optional(),
  msg: Text.optional(),
  rev: Text.optional(),
  content: Text.optional(),
  rules: z
    .string()
    .max(8 << 20)
    .optional()
    .describe('instead of the others: a rule file of Snort'),
});
export type IdsRuleSet = z.infer<typeof IdsRuleSet>;

export const IdsRulesAnswer = ServiceChanged.extend({
  refused: z
    .array(z.string())
    .describe('file:line:column: why, for each rule that is not in force'),
});
export type IdsRulesAnswer = z.infer<typeof IdsRulesAnswer>;

export const IdsControl = z.strictObject({ pid: Text.optional() });
export type IdsControl = z.infer<typeof IdsControl>;
