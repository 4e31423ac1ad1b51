// OpenAPI 3.1 from the endpoints' own schemas.

import { Problem } from '@clover/model';
import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { FURTHER_OPERATIONS, type FurtherOperation } from './further-operations.ts';
import { API } from './register.ts';

/** The document at /api/openapi.json. */
export function openapi(endpoints: readonly Endpoint[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints) {
    const path = API + endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint);
  }
  for (const further of FURTHER_OPERATIONS)
    (paths[further.path] ??= {})[further.method] = furtherOperation(further);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Clover',
      version,
      description: 'Visibility for microservices: spans, metrics and what follows from them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Only needed off loopback.' },
      },
    },
    security: [{}, { token: [] }],
  };
}

function operation(endpoint: Endpoint): object {
  const path = API + endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
  return {
    operationId: operationId(endpoint.method, endpoint.path),
    summary: endpoint.summary,
    tags: [endpoint.tag],
    'x-role': endpoint.role ?? 'viewer',
    parameters: [...pathParameters(path), ...queryParameters(endpoint.query)],
    ...(endpoint.body && {
      requestBody: {
        content: { 'application/json': { schema: schemaOf(endpoint.body, 'input') } },
      },
    }),
    responses: responses('application/json', endpoint.answer),
  };
}

function furtherOperation(further: FurtherOperation): object {
  return {
    operationId: operationId(further.method, further.path),
    summary: further.summary,
    tags: [further.tag],
    ...(further.role && { 'x-role': further.role }),
    parameters: [
      ...pathParameters(further.path),
      ...queryParameters(further.query),
      ...Object.entries(further.parameters ?? {}).map(([name, description]) => ({
        name: name.replace('!', ''),
        in: 'query',
        required: name.startsWith('!'),
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(further.body && { requestBody: { content: { [further.body]: {} } } }),
    responses: responses(further.answers.type, further.answers.schema),
  };
}

const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase());

const pathParameters = (path: string): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function responses(type: string, schema: z.ZodType | undefined): object {
  const problem = {
    description: 'What went wrong',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    200: {
      description: 'The answer',
      content: { [type]: schema ? { schema: schemaOf(schema, 'output') } : {} },
    },
    400: problem,
    default: problem,
  };
}

function queryParameters(query: z.ZodObject | undefined): object[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    ...(schema.description && { description: schema.description }),
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
