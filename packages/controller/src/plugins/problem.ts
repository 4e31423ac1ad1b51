// Every failure as RFC 9457 problem details.

import { CloverError, type Problem } from '@clover/model';
import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.ts';

export function registerProblems(app: FastifyInstance, deps: AppDeps): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, request.url);
    if (problem.status >= 500 && problem.status !== 501)
      deps.logger?.error({ err: error, url: request.url }, problem.title);
    return reply.status(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem: Problem = {
      type: 'about:blank',
      title: `nothing is served at ${request.url.slice(0, 200)}`,
      status: 404,
      code: 'api.not_found',
      hint: 'GET /api/docs lists what is',
      instance: request.url.slice(0, 200),
    };
    return reply.status(404).type('application/problem+json').send(problem);
  });
}

/** An expected failure says what it is; anything else is a bug and says only that. */
export function problemOf(error: unknown, url: string): Problem {
  const instance = url.slice(0, 200);
  if (error instanceof CloverError) {
    const { code, message, status, hint, issues } = error;
    return {
      type: 'about:blank',
      title: message,
      status,
      code,
      instance,
      ...(hint !== undefined && { hint }),
      ...(issues.length > 0 && { issues: [...issues] }),
    };
  }
  const { statusCode, code, message } = error as {
    statusCode?: number;
    code?: string;
    message?: string;
  };
  if (statusCode !== undefined && statusCode < 500) {
    return {
      type: 'about:blank',
      title: message ?? 'the request is not valid',
      status: statusCode,
      code: `http.${(code ?? 'bad_request').toLowerCase()}`,
      instance,
    };
  }
  return {
    type: 'about:blank',
    title: 'Clover failed to answer; this is a bug',
    status: 500,
    code: 'internal',
    hint: "the server's log has the details",
    instance,
  };
}
