import type { FieldSchema } from './field-schema.ts';

/** The same without fields that are null: they count as not there. What is null in a map of any names stays. */
export function withoutNulls(value: unknown, schema: FieldSchema | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, schema?.items));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => {
      const known = schema?.properties?.[name];
      if (one === null && known) return [];
      return [[name, withoutNulls(one, known ?? schema?.additionalProperties)]];
    }),
  );
}
