// An endpoint as data: its path, its schemas, its work. Routes, validation and OpenAPI are made from it.

import type { Scope } from '@clover/model';
import { parseScope } from '@clover/model';
import type { Queryable } from '@clover/store';
import type { z } from 'zod';
import type { Role } from '../security/token-entries.ts';
import type { AskContext } from './gate.ts';

export type EndpointContext = AskContext;

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below /api/v1. `:name` marks a path parameter. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** Least role; viewer when absent. */
  readonly role?: Role;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body may also be YAML, or one resource as JSON; the query then says the rest. */
  readonly takesYaml?: boolean;
  /** Largest body; the app's own limit when absent. */
  readonly bodyBytes?: number;
  readonly answer: z.ZodType;
  run(
    input: { query: unknown; body: unknown; params: Readonly<Record<string, string>> },
    context: EndpointContext,
  ): Promise<unknown>;
}

/** A GET that asks the store about a scope. */
export function analysis<Query extends z.ZodObject, Answer extends z.ZodType>(
  path: string,
  summary: string,
  schemas: { tag: string; query: Query; answer: Answer },
  run: (
    store: Queryable,
    scope: Scope,
    query: z.infer<Query>,
    context: EndpointContext,
  ) => Promise<z.infer<Answer>>,
): Endpoint {
  return {
    method: 'GET',
    path,
    summary,
    ...schemas,
    run: ({ query }, context) => {
      const parsed = query as z.infer<Query> & Parameters<typeof parseScope>[0];
      return run(context.store, parseScope(parsed, context.nowMs), parsed, context);
    },
  };
}
