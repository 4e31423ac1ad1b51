// What every question goes through: a bound on how many run at once, a deadline, and an end when the
// client goes away.

import { setMaxListeners } from 'node:events';
import { CloverError } from '@clover/model';
import type { Queryable } from '@clover/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppDeps } from '../deps.ts';

export interface AskContext {
  readonly deps: AppDeps;
  /** The store with the request's deadline, cancelled when the client goes away. */
  readonly store: Queryable;
  readonly signal: AbortSignal;
  readonly nowMs: number;
  /** Name of the token that asks; `local` where there are none. */
  readonly author: string;
  /** A revision in If-Match; the change is for that one only. */
  readonly ifMatch: number | undefined;
}

export type Gate = <Answer>(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (context: AskContext) => Promise<Answer>,
) => Promise<Answer>;

/** One for the whole app: its bound holds for all routes together. */
export function createGate(deps: AppDeps): Gate {
  const { concurrentQueries, queryTimeoutMs: timeoutMs } = deps.limits;
  let running = 0;
  return async (request, reply, work) => {
    if (running >= concurrentQueries) throw busy(reply, running);
    running++;
    const client = clientSignal(request);
    const { signal } = client;
    try {
      return await work({
        deps,
        signal,
        nowMs: deps.now?.() ?? Date.now(),
        author: request.identity?.name ?? 'local',
        ifMatch: ifMatch(request),
        store: {
          select: <Row>(
            sql: string,
            params?: Record<string, unknown>,
            options?: { readonly heavy?: boolean },
          ) => deps.store.select<Row>(sql, params, { ...options, timeoutMs, signal }),
        },
      });
    } finally {
      client.release();
      running--;
    }
  };
}

/** `If-Match: "7"`; the quotes may be missing. */
function ifMatch(request: FastifyRequest): number | undefined {
  const text = request.headers['if-match'];
  if (text === undefined || text === '*') return undefined;
  const number = /^(?:W\/)?"?(\d{1,15})"?$/.exec(text)?.[1];
  if (number === undefined)
    throw new CloverError('api.bad_header', 'If-Match is no revision', {
      hint: 'send the number of the revision that was read',
      status: 400,
    });
  return Number(number);
}

/** Aborts when the client closes its connection before `release()`. */
export function clientSignal(request: FastifyRequest): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  // An answer may take many queries at once, and each listens.
  setMaxListeners(0, controller.signal);
  const { socket } = request.raw;
  const gone = () =>
    controller.abort(
      new CloverError('api.client_gone', 'the client closed the connection', { status: 499 }),
    );
  socket.once('close', gone);
  return { signal: controller.signal, release: () => socket.off('close', gone) };
}

function busy(reply: FastifyReply, running: number): CloverError {
  reply.header('retry-after', '1');
  return new CloverError('api.busy', `${running} queries are under way already`, {
    hint: 'try again in a second',
    status: 429,
  });
}
