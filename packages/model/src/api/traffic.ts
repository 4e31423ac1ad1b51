import { z } from 'zod';
import { TrafficClasses } from './traffic-class.ts';

export const FindingSeverity = z.enum(['error', 'warning', 'info']);

/** What is said about a resource, and where it stands. */
export const TrafficFinding = z.object({
  code: z.string().describe('stable, such as CLV202'),
  severity: FindingSeverity,
  message: z.string(),
  hint: z.string(),
  resource: z.string().describe('VirtualService default/reviews; empty for a file as a whole'),
  field: z.string().describe('spec.http[0].route[1].weight; empty for a resource as a whole'),
  at: z
    .object({ file: z.string(), line: z.number(), column: z.number() })
    .nullable()
    .describe('from 1'),
});
export type TrafficFinding = z.infer<typeof TrafficFinding>;

export const TrafficResourcesQuery = z.object({
  kind: z.string().optional(),
  namespace: z.string().optional().describe('all namespaces when absent'),
  name: z.string().optional(),
});

/** A resource as it was applied. */
export const TrafficResource = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  yaml: z.string().describe('as it was applied, with its comments'),
  metadata: z.record(z.string(), z.unknown()),
  spec: z.record(z.string(), z.unknown()),
  revision: z.number().describe('the change that touched it last'),
  createdAt: z.string(),
  changedAt: z.string(),
  changedBy: z.string(),
  findings: z.array(TrafficFinding),
  faults: z.array(z.string()).describe('fault switches that are on and change its routes'),
});
export type TrafficResource = z.infer<typeof TrafficResource>;

export const TrafficResourcesAnswer = z.object({
  revision: z.number().describe('of the whole configuration; 0 before the first change'),
  items: z.array(TrafficResource),
});
export type TrafficResourcesAnswer = z.infer<typeof TrafficResourcesAnswer>;

const SourceText = z.strictObject({
  name: z.string().max(500).describe('file name, for the places of findings'),
  text: z.string(),
});
const Switch = z.stringbool().or(z.boolean()).default(false);

/** How a change is made; the query of a YAML body, fields of a JSON one. */
const CHANGE = {
  dryRun: Switch.describe('say what would change and change nothing'),
  force: Switch.describe('take it though a reference leads nowhere; fields must be right anyway'),
  reason: z.string().max(500).default('').describe('kept in the history'),
  revision: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('refused with 409 when this is not the one in force; If-Match does the same'),
  namespace: z.string().max(63).default('default').describe('for resources that name none'),
};

export const TrafficApplyQuery = z.object({
  ...CHANGE,
  prune: Switch.describe('remove all resources that are not in the files'),
  classes: Switch.describe('with dryRun: say which requests would meet something else'),
});

/** YAML files, each with any number of documents. A whole body of YAML or of one resource as JSON does too. */
export const TrafficApply = z.strictObject({
  ...TrafficApplyQuery.shape,
  files: z.array(SourceText).min(1).max(2000),
});
export type TrafficApply = z.infer<typeof TrafficApply>;

export const TrafficValidate = z.strictObject({
  files: z.array(SourceText).min(1).max(2000),
  namespace: z.string().max(63).default('default'),
  alone: z
    .boolean()
    .default(false)
    .describe('without the resources that are in force; otherwise as if they were applied'),
});
export type TrafficValidate = z.infer<typeof TrafficValidate>;

export const ResourceName = z.strictObject({
  kind: z.string().max(63),
  namespace: z.string().max(63).default('default'),
  name: z.string().max(253),
});
export type ResourceName = z.infer<typeof ResourceName>;

export const TrafficDelete = z.strictObject({
  ...CHANGE,
  resources: z.array(ResourceName).min(1).max(2000),
});
export type TrafficDelete = z.infer<typeof TrafficDelete>;

export const TrafficUndo = z.strictObject({
  to: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'everything becomes as it was after this change; the last change is taken back if absent',
    ),
  all: z
    .boolean()
    .default(false)
    .describe('though no resource remains; a change that is named by `to` needs it not'),
  dryRun: CHANGE.dryRun,
  reason: CHANGE.reason,
  revision: CHANGE.revision,
});
export type TrafficUndo = z.infer<typeof TrafficUndo>;

export const ResourceChange = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  action: z.enum(['created', 'configured', 'unchanged', 'deleted']),
  diff: z.string().describe('unified, of the YAML; empty when nothing changed'),
});
export type ResourceChange = z.infer<typeof ResourceChange>;

/** What the data plane made of a change. */
export const DataPlaneApplied = z.object({
  state: z.enum(['off', 'applied', 'failed', 'pending']),
  detail: z.string(),
  tookMs: z.number().nullable(),
});
export type DataPlaneApplied = z.infer<typeof DataPlaneApplied>;

export const TrafficChangeAnswer = z.object({
  revision: z.number().describe('in force now'),
  dryRun: z.boolean(),
  changes: z.array(ResourceChange),
  findings: z.array(TrafficFinding).describe('on what was sent; errors only where forced'),
  dataPlane: DataPlaneApplied,
  classes: TrafficClasses.optional().describe(
    'requests and connections that would meet something else; of a dry run that asks for them',
  ),
});
export type TrafficChangeAnswer = z.infer<typeof TrafficChangeAnswer>;

export const TrafficValidateAnswer = z.object({
  ok: z.boolean().describe('it would be taken'),
  findings: z.array(TrafficFinding),
  changes: z.array(ResourceChange).describe('empty unless ok'),
});
export type TrafficValidateAnswer = z.infer<typeof TrafficValidateAnswer>;

export const TrafficHistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
});

export const TrafficRevision = z.object({
  revision: z.number(),
  time: z.string(),
  author: z.string().describe('name of the token; "local" where there are none'),
  action: z.enum(['apply', 'delete', 'undo', 'fault', 'folder']),
  reason: z.string(),
  changes: z.array(ResourceChange).describe('diffs are empty in the list'),
});
export type TrafficRevision = z.infer<typeof TrafficRevision>;

export const TrafficHistoryAnswer = z.object({
  revision: z.number(),
  oldest: z.number().describe('what is older cannot be shown nor undone to'),
  items: z.array(TrafficRevision).describe('newest first'),
});
export type TrafficHistoryAnswer = z.infer<typeof TrafficHistoryAnswer>;

export const TrafficDiffQuery = z.object({
  from: z.coerce.number().int().min(0),
  to: z.coerce.number().int().min(0).optional().describe('the one in force when absent'),
});
export const TrafficDiffAnswer = z.object({
  from: z.number(),
  to: z.number(),
  changes: z.array(ResourceChange),
});
export type TrafficDiffAnswer = z.infer<typeof TrafficDiffAnswer>;

export const TrafficFindingsAnswer = z.object({
  revision: z.number(),
  items: z.array(TrafficFinding),
});
export type TrafficFindingsAnswer = z.infer<typeof TrafficFindingsAnswer>;

/** What is enforced: the resources with what the registry and the fault switches add. */
export const TrafficEffectiveAnswer = z.object({
  revision: z.number(),
  rules: z
    .array(
      z.object({
        kind: z.enum(['VirtualService', 'HTTPRoute', 'GRPCRoute']),
        resource: z.string().describe('namespace/name'),
        section: z.enum(['http', 'tcp', 'tls']),
        ruleIndex: z.number(),
        ruleName: z.string(),
        hosts: z.array(z.string()),
        destinations: z.array(
          z.object({
            host: z.string(),
            subset: z.string(),
            port: z.number().nullable(),
            share: z.number().describe('0..1, as declared'),
          }),
        ),
      }),
    )
    .describe('of requests and of connections, with what they declare about where they go'),
  resources: z.array(
    z.object({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.record(z.string(), z.unknown()),
      spec: z.record(z.string(), z.unknown()),
      origin: z.enum(['applied', 'registry', 'fault']),
    }),
  ),
  services: z.array(
    z.object({
      host: z.string(),
      namespace: z.string(),
      ports: z.array(z.object({ number: z.number(), name: z.string(), protocol: z.string() })),
      endpoints: z.array(
        z.object({
          address: z.string(),
          ports: z.record(z.string(), z.number()),
          labels: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});
export type TrafficEffectiveAnswer = z.infer<typeof TrafficEffectiveAnswer>;

export const TrafficSchemasAnswer = z.object({
  kinds: z.record(z.string(), z.unknown()).describe('JSON schema of the spec of each kind'),
});
export type TrafficSchemasAnswer = z.infer<typeof TrafficSchemasAnswer>;
