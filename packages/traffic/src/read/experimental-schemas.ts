// Fields of Gateway API's experimental channel, which its standard schemas do not have: retries (GEP-1731) and
// session persistence (GEP-1619), which is taken and said to be not enforced.

import type { FieldSchema } from './field-schema.ts';

const TEXT: FieldSchema = { type: 'string' };

const RETRY: FieldSchema = {
  type: 'object',
  properties: {
    attempts: { type: 'integer', minimum: 0 },
    backoff: TEXT,
    codes: { type: 'array', items: { type: 'integer', minimum: 400, maximum: 599 } },
  },
};
const SESSION: FieldSchema = {
  type: 'object',
  properties: {
    absoluteTimeout: TEXT,
    idleTimeout: TEXT,
    sessionName: { type: 'string', maxLength: 128 },
    type: { type: 'string', enum: ['Cookie', 'Header'] },
    cookieConfig: {
      type: 'object',
      properties: { lifetimeType: { type: 'string', enum: ['Permanent', 'Session'] } },
    },
  },
};

/** Of the rules of a route, by kind. */
const EXPERIMENTAL: Readonly<Record<string, Readonly<Record<string, FieldSchema>>>> = {
  HTTPRoute: { retry: RETRY, sessionPersistence: SESSION },
  GRPCRoute: { sessionPersistence: SESSION },
};

/** What happens instead, by field of a rule. */
export const EXPERIMENTAL_UNDONE: Readonly<Record<string, string>> = {
  sessionPersistence: 'requests of a session may go to different endpoints, as in Istio',
};

export function withExperimental(
  schemas: Readonly<Record<string, FieldSchema>>,
): Readonly<Record<string, FieldSchema>> {
  return Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => {
      const rules = schema.properties?.['rules'];
      const more = EXPERIMENTAL[kind];
      if (!rules?.items || !more) return [kind, schema];
      const items = { ...rules.items, properties: { ...rules.items.properties, ...more } };
      return [
        kind,
        { ...schema, properties: { ...schema.properties, rules: { ...rules, items } } },
      ];
    }),
  );
}
