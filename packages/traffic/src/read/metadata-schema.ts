/** Of all resources: what is read of their metadata. The rest is the API server's. */

import type { FieldSchema } from './field-schema.ts';

const TEXTS: FieldSchema = { type: 'object', additionalProperties: { type: 'string' } };

export const METADATA_SCHEMAS: Readonly<Record<string, FieldSchema>> = {
  name: { type: 'string' },
  namespace: { type: 'string' },
  labels: TEXTS,
  annotations: TEXTS,
  creationTimestamp: { type: 'string', nullable: true },
};
