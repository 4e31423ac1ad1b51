// Who may ask: tokens where others can reach the port; names and origins where only this machine can.

import { CloverError } from '@clover/model';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AppDeps } from '../deps.ts';
import type { Role } from '../security/token-entries.ts';
import { roleAllows, type Identity } from '../security/tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token it carries; absent where there are no tokens. */
    identity?: Identity;
  }
  interface FastifyContextConfig {
    /** Least role that a route demands; absent: anybody (health, the page's files). */
    role?: Role;
    /** A GET that changes something: to a browser it is a POST. */
    changes?: boolean;
  }
}

export function registerGuard(app: FastifyInstance, deps: AppDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of HEADERS) reply.header(name, value);
    if (deps.allowedHosts) checkNames(request, deps.allowedHosts);
    checkOrigin(request);
    const { role } = request.routeOptions.config;
    if (!deps.tokens || role === undefined) return;
    const token =
      /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? cookieToken(request);
    const identity = token === undefined ? undefined : await deps.tokens.verify(token);
    if (identity === 'busy')
      throw new CloverError('auth.too_many_tries', 'too many wrong tokens lately', {
        hint: 'try again in a second',
        status: 429,
      });
    if (!identity) {
      reply.header('www-authenticate', 'Bearer realm="clover"');
      throw new CloverError(
        'auth.no_token',
        token === undefined ? 'a token is needed' : 'this token is not known',
        {
          hint: 'send Authorization: Bearer TOKEN; an administrator makes one with `clover token`',
          status: 401,
        },
      );
    }
    if (!roleAllows(identity.role, role)) {
      throw new CloverError('auth.not_allowed', `the role ${identity.role} may not do this`, {
        hint: `it takes the role ${role}`,
        status: 403,
      });
    }
    request.identity = identity;
  });
}

const HEADERS: readonly (readonly [string, string])[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
];

/** A page elsewhere may point its own name at 127.0.0.1; its requests then carry that name. */
function checkNames(request: FastifyRequest, allowed: readonly string[]): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (allowed.includes(host)) return;
  throw new CloverError(
    'auth.unknown_host',
    `this server is not called ${host.slice(0, 100) || 'nothing'}`,
    { hint: 'call it 127.0.0.1 or localhost, or add the name with --allowed-host', status: 421 },
  );
}

/** A page of another origin may not ask, nor one that hides its origin ("null"); programs send no Origin. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const changes = request.method !== 'GET' || request.routeOptions.config.changes === true;
  const foreign =
    origin === undefined
      ? changes &&
        !['none', 'same-origin', undefined].includes(request.headers['sec-fetch-site'] as string)
      : !sameHost(origin, host);
  if (!foreign) return;
  throw new CloverError('auth.cross_site', 'a page of another site may not ask', {
    hint: 'Clover answers only its own page and programs',
    status: 403,
  });
}

function sameHost(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** The page keeps its token in a cookie that scripts cannot read: event streams cannot send headers. */
function cookieToken(request: FastifyRequest): string | undefined {
  return /(?:^|;\s*)clover_token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
}
