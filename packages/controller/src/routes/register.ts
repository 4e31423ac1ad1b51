// Endpoints as fastify routes: parameters and bodies checked against their schemas.

import { CloverError, nearest } from '@clover/model';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { Gate } from './gate.ts';

export const API = '/api/v1';

export function registerEndpoints(
  app: FastifyInstance,
  gate: Gate,
  endpoints: readonly Endpoint[],
): void {
  app.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_, body, done) => done(null, body));
  for (const endpoint of endpoints) {
    app.route({
      ...(endpoint.bodyBytes !== undefined && { bodyLimit: endpoint.bodyBytes }),
      method: endpoint.method,
      url: API + endpoint.path,
      config: { role: endpoint.role ?? 'viewer' },
      handler: async (request, reply) => {
        const query = endpoint.query
          ? parseQuery(endpoint.query, request.query as Record<string, unknown>)
          : {};
        const sent = endpoint.takesYaml ? unfoldYaml(request.body, query) : request.body;
        const body = endpoint.body ? parseBody(endpoint.body, sent) : undefined;
        const params = request.params as Record<string, string>;
        return gate(request, reply, (context) => endpoint.run({ query, body, params }, context));
      },
    });
  }
}

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];

/** A body of YAML, or of one resource as JSON, becomes one file; the query says how to take it. */
function unfoldYaml(body: unknown, query: object): unknown {
  if (typeof body === 'string') return { ...query, files: [{ name: 'body.yaml', text: body }] };
  if (typeof body !== 'object' || body === null) return body;
  if ('kind' in body && 'apiVersion' in body)
    return { ...query, files: [{ name: 'body.json', text: JSON.stringify(body) }] };
  return { ...query, ...body };
}

/** Unknown parameters are refused, as a misspelt filter would otherwise answer another question. */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  raw: Record<string, unknown>,
): z.infer<Schema> {
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(raw).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const close = nearest(unknown[0]!, known);
    throw new CloverError('api.unknown_parameter', `there is no parameter ${unknown.join(', ')}`, {
      hint: close === undefined ? `known: ${known.join(', ')}` : `did you mean ${close}?`,
      status: 400,
      issues: unknown.map((name) => ({ at: name, message: `unknown; known: ${known.join(', ')}` })),
    });
  }
  return checked(schema, raw, 'api.bad_parameter', (path) => path.join('.'));
}

export function parseBody<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.infer<Schema> {
  return checked(schema, raw ?? {}, 'api.bad_body', (path) => `/${path.join('/')}`);
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  code: string,
  place: (path: string[]) => string,
): z.infer<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    at: place(issue.path.map(String)),
    message: issue.message,
  }));
  const [first] = issues;
  throw new CloverError(
    code,
    first ? `${first.at || 'the body'}: ${first.message}` : 'the input is not valid',
    { status: 400, issues },
  );
}
