// Fields of security.istio.io's resources that are read, as their CRDs have them.

import type { FieldSchema } from './field-schema.ts';

const MTLS: FieldSchema = {
  type: 'object',
  properties: {
    mode: { type: 'string', enum: ['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT'] },
  },
};

export const SECURITY_SCHEMAS: Readonly<Record<string, FieldSchema>> = {
  PeerAuthentication: {
    type: 'object',
    properties: {
      selector: {
        type: 'object',
        properties: {
          matchLabels: { type: 'object', additionalProperties: { type: 'string', maxLength: 63 } },
        },
      },
      mtls: MTLS,
      portLevelMtls: { type: 'object', additionalProperties: MTLS },
    },
  },
};
