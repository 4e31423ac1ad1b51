// Values that Istio has and its CRDs of the release that was read do not know yet.

import type { FieldSchema } from './field-schema.ts';

type Schemas = Readonly<Record<string, FieldSchema>>;

/** A Sidecar's `outboundTrafficPolicy.mode` as MeshConfig has it. */
export function withNewerValues(schemas: Schemas): Schemas {
  const sidecar = schemas['Sidecar']!;
  const policy = sidecar.properties!['outboundTrafficPolicy']!;
  const mode = policy.properties!['mode']!;
  return {
    ...schemas,
    Sidecar: within(sidecar, {
      outboundTrafficPolicy: within(policy, {
        mode: { ...mode, enum: [...mode.enum!, 'ALLOW_ANY_DYNAMIC_DNS'] },
      }),
    }),
  };
}

const within = (schema: FieldSchema, changed: Schemas): FieldSchema => ({
  ...schema,
  properties: { ...schema.properties, ...changed },
});
