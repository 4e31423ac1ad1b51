// What the sample services report: alerts of the IDS and files that the servers keep.

import { z } from 'zod';
import { items, ScopeQuery } from './common.ts';

export const IdsAlert = z.strictObject({
  id: z.string().min(1).max(100).describe('unique; `snort_event:ID` in the original'),
  time: z.iso.datetime(),
  sensor: z.string().max(200).describe('instance of the IDS'),
  gid: z.int().nonnegative(),
  sid: z.int().nonnegative(),
  rev: z.int().nonnegative(),
  msg: z.string().max(2000),
  classtype: z.string().max(200),
  priority: z.int().nonnegative().describe('1 is the gravest'),
  references: z.array(z.string().max(2000)).max(100),
  protocol: z.string().max(20),
  sourceAddress: z.string().max(100),
  sourcePort: z.int().min(0).max(65_535).describe('0: not known'),
  destinationAddress: z.string().max(100),
  destinationPort: z.int().min(0).max(65_535),
  method: z.string().max(100),
  host: z.string().max(2000),
  url: z.string().max(8000).describe('path and query as they came'),
  userAgent: z.string().max(8000),
  traceId: z.string().max(32).describe('of the request that raised it; empty without one'),
});
export type IdsAlert = z.infer<typeof IdsAlert>;

export const IdsAlertsBody = z.strictObject({ alerts: z.array(IdsAlert).max(1000) });
export type IdsAlertsBody = z.infer<typeof IdsAlertsBody>;

/** Newest first. */
export const IdsAlertsQuery = z.object({
  start: ScopeQuery.shape.start,
  end: ScopeQuery.shape.end,
  since: ScopeQuery.shape.since,
  sid: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});
export const IdsAlertsAnswer = items(IdsAlert);
export type IdsAlertsAnswer = z.infer<typeof IdsAlertsAnswer>;

export const UploadReport = z.strictObject({
  time: z.iso.datetime(),
  server: z.string().max(200).describe('instance of the server'),
  name: z.string().max(1000),
  contentType: z.string().max(1000),
  path: z.string().max(2000).describe('what `files` of `set server` names it by'),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sizeBytes: z.int().nonnegative(),
});
export type UploadReport = z.infer<typeof UploadReport>;

export const UploadsBody = z.strictObject({ uploads: z.array(UploadReport).max(1000) });
export type UploadsBody = z.infer<typeof UploadsBody>;

export const UploadsQuery = IdsAlertsQuery.omit({ sid: true });
export const UploadsAnswer = items(UploadReport);
export type UploadsAnswer = z.infer<typeof UploadsAnswer>;

export const ReportsTaken = z.object({ taken: z.number() });
export type ReportsTaken = z.infer<typeof ReportsTaken>;
