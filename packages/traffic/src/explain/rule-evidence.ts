// What a proxy records of a request so that others can decide it again: the headers that the rules of
// its virtual host look at. Not what the proxy decided, which is what is to be checked.

import type { Condition } from '../conditions.ts';
import type { VirtualHost } from '../route.ts';

/** Of headers that rules look at; what none looks at is not recorded. Names are in lower case. */
export interface RuleEvidence {
  /** Names and values. */
  readonly headers: readonly (readonly [string, string])[];
  /** Names of those that were not there. */
  readonly absent: readonly string[];
  /**
   * Of headers whose values do not leave the proxy, which conditions held: name, digest of the condition and `yes` or
   * `no`, such as `cookie 5f0c93d1 yes`.
   */
  readonly matches: readonly string[];
}

/** As much of the evidence as a request does not say by its headers. */
export interface RecordedEvidence {
  readonly absent: readonly string[];
  readonly matches: readonly string[];
}

/** Headers of one virtual host that are recorded; conditions on further ones stay undecided. */
const MAX_HEADERS = 32;
/** Longer values, and others than plain ASCII, are told as conditions that hold or not. */
const PLAIN_VALUE = /^[\x20-\x7e]{0,256}$/;
const MAX_NAME_LENGTH = 80;

/**
 * Values of these may be credentials or name a person's session. So may that of `x-request-id` not be, but it makes
 * every request one of its own. A name with an underscore cannot be told from one with a dash by those who read spans.
 */
const PRIVATE =
  /auth|cookie|credential|csrf|jwt|key|passw|saml|secret|session|signature|token|xsrf|^x-forwarded-client-cert$|^x-request-id$|_/;

/** Whether the value of a header (lower case) stays in the proxy. */
export const isPrivateHeader = (name: string) =>
  PRIVATE.test(name) || name.length > MAX_NAME_LENGTH;

interface Watched {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly conditions: readonly Condition[];
}

const known = new WeakMap<VirtualHost, readonly Watched[]>();

/** Undefined when no rule of the host looks at a header. */
export function ruleEvidence(
  host: VirtualHost,
  header: (name: string) => string | undefined,
): RuleEvidence | undefined {
  let watched = known.get(host);
  if (watched === undefined) known.set(host, (watched = watchedBy(host)));
  if (watched.length === 0) return undefined;
  const headers: [string, string][] = [];
  const absent: string[] = [];
  const matches: string[] = [];
  for (const { name, isPrivate, conditions } of watched) {
    const value = header(name);
    if (value === undefined) absent.push(name);
    else if (!isPrivate && PLAIN_VALUE.test(value)) headers.push([name, value]);
    else
      for (const one of conditions)
        matches.push(`${conditionKey(one)} ${one.holdsFor(value) ? 'yes' : 'no'}`);
  }
  return { headers, absent, matches };
}

/** Which conditions held, of the `matches` of evidence, by `conditionKey`. */
export function heldConditions(matches: readonly string[]): ReadonlyMap<string, boolean> {
  return new Map(
    matches.map((text) => {
      const end = text.lastIndexOf(' ');
      return [text.slice(0, end), text.slice(end + 1) === 'yes'] as const;
    }),
  );
}

/** The header and a digest of what is asked of it, which may be as secret as the value itself. */
export function conditionKey({ subject, wants }: Condition): string {
  // FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(wants)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${subject.name} ${(hash >>> 0).toString(16).padStart(8, '0')}`;
}

const ASKED_BY_CORS = ['origin', 'access-control-request-method'];

function watchedBy({ routes }: VirtualHost): Watched[] {
  const byName = new Map<string, Map<string, Condition>>();
  const of = (name: string) => {
    let conditions = byName.get(name);
    if (!conditions) byName.set(name, (conditions = new Map<string, Condition>()));
    return conditions;
  };
  for (const { conditions, cors } of routes) {
    for (const one of conditions)
      if (one.subject.kind === 'header') of(one.subject.name).set(conditionKey(one), one);
    if (cors) for (const name of ASKED_BY_CORS) of(name);
  }
  return [...byName].slice(0, MAX_HEADERS).map(([name, conditions]) => ({
    name,
    isPrivate: isPrivateHeader(name),
    conditions: [...conditions.values()],
  }));
}
