// The sample system (the Service Delivery Controller's chain and its clients) as it is started and ended at run time.

import { z } from 'zod';

export const SampleSystem = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'stopping']),
  inMesh: z.boolean().describe('its programs run in the mesh, or would'),
  front: z.string().nullable().describe('where its clients’ requests go; null while it is stopped'),
  programs: z.array(
    z.object({
      name: z.string().describe('such as http-lb-v1-0'),
      running: z.boolean().describe('false: it ended by itself, and is not started again'),
    }),
  ),
  since: z.string().nullable().describe('RFC 3339: when it was started; null while it is stopped'),
});
export type SampleSystem = z.infer<typeof SampleSystem>;

export const SampleResource = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  state: z
    .enum(['applied', 'removed', 'kept'])
    .describe('kept: it was there already, or is not removed'),
  why: z.string().describe('why it is kept; empty otherwise'),
});
export type SampleResource = z.infer<typeof SampleResource>;

export const SampleSystemDelete = z.object({
  resources: z
    .enum(['remove', 'keep'])
    .default('remove')
    .describe('the sample’s Istio resources: remove those that nobody changed, or keep all'),
});
export type SampleSystemDelete = z.infer<typeof SampleSystemDelete>;

export const SampleSystemChanged = z.object({
  changed: z.boolean().describe('false: it was so already'),
  system: SampleSystem,
  resources: z.array(SampleResource),
});
export type SampleSystemChanged = z.infer<typeof SampleSystemChanged>;
