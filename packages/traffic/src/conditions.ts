// A match block as a list of conditions, each of which can say what it asks and whether a request
// meets it. Deciding and explaining run the same conditions, so they cannot disagree.

import { RE2JS } from 're2js';
import type { PreparedRequest } from './request.ts';
import type { HttpMatch, StringMatch } from './resource.ts';

export interface Condition {
  /** The field of the resource: `uri`, `headers["x-user"]`. */
  readonly field: string;
  /** Such as `prefix "/api"`. */
  readonly wants: string;
  matches(request: PreparedRequest): boolean;
  /** What the request has at that place; undefined when it has nothing. */
  actual(request: PreparedRequest): string | undefined;
}

type Test = (value: string) => boolean;

/** RE2 as in Envoy: the whole value must match. Throws re2js' syntax error for a bad pattern. */
export function regexTest(pattern: string): Test {
  const compiled = RE2JS.compile(pattern);
  const start = literalStart(pattern);
  return (value) => value.startsWith(start) && compiled.matches(value);
}

/** The characters that every match must begin with: a cheap test before the regular expression. May be empty. */
function literalStart(pattern: string): string {
  if (pattern.includes('|')) return '';
  const literal = /^[\w/ -]*/.exec(pattern)![0];
  // A repetition after the last character may make it optional.
  return '?*{'.includes(pattern.charAt(literal.length) || ' ') ? literal.slice(0, -1) : literal;
}

/** Undefined for a test of presence: absent, empty, or the regex `*`. */
export function stringTest(
  match: StringMatch | null | undefined,
  ignoreCase = false,
): Test | undefined {
  if (match?.exact !== undefined) {
    const wanted = ignoreCase ? match.exact.toLowerCase() : match.exact;
    return ignoreCase ? (value) => value.toLowerCase() === wanted : (value) => value === wanted;
  }
  if (match?.prefix !== undefined) {
    const wanted = ignoreCase ? match.prefix.toLowerCase() : match.prefix;
    return ignoreCase
      ? (value) => value.toLowerCase().startsWith(wanted)
      : (value) => value.startsWith(wanted);
  }
  if (match?.regex !== undefined && match.regex !== '*') return regexTest(match.regex);
  return undefined;
}

/** `exact "/a"`, `present`, … */
export function describeMatch(match: StringMatch | null | undefined): string {
  if (match?.exact !== undefined) return `exact ${JSON.stringify(match.exact)}`;
  if (match?.prefix !== undefined) return `prefix ${JSON.stringify(match.prefix)}`;
  if (match?.regex !== undefined && match.regex !== '*')
    return `regex ${JSON.stringify(match.regex)}`;
  return 'present';
}

const IGNORED_HEADERS = new Set(['uri', 'scheme', 'method', 'authority']);

/** The conditions of one block that look at the request, in the order that Envoy looks. Empty: matches all. */
export function requestConditions(match: HttpMatch): Condition[] {
  const conditions: Condition[] = [];
  if (match.uri) {
    const test = stringTest(match.uri, match.ignoreUriCase) ?? (() => true);
    const wants = describeMatch(match.uri) + (match.ignoreUriCase ? ' in any case' : '');
    conditions.push(condition('uri', wants, (request) => request.path, test));
  }
  for (const field of ['method', 'authority', 'scheme'] as const) {
    const test = stringTest(match[field]);
    if (test)
      conditions.push(
        condition(field, describeMatch(match[field]), (request) => request[field], test),
      );
  }
  for (const [name, wanted] of Object.entries(match.headers ?? {})) {
    if (IGNORED_HEADERS.has(name)) continue;
    conditions.push(
      condition(
        `headers[${JSON.stringify(name)}]`,
        describeMatch(wanted),
        headerOf(name),
        stringTest(wanted),
      ),
    );
  }
  for (const [name, unwanted] of Object.entries(match.withoutHeaders ?? {})) {
    if (!IGNORED_HEADERS.has(name)) conditions.push(withoutHeader(name, unwanted));
  }
  for (const [name, wanted] of Object.entries(match.queryParams ?? {})) {
    const field = `queryParams[${JSON.stringify(name)}]`;
    conditions.push(
      condition(
        field,
        describeMatch(wanted),
        (request) => request.queryParam(name),
        stringTest(wanted),
      ),
    );
  }
  return conditions;
}

function condition(
  field: string,
  wants: string,
  actual: (request: PreparedRequest) => string | undefined,
  test: Test | undefined,
): Condition {
  return {
    field,
    wants,
    actual,
    matches(request) {
      const value = actual(request);
      return value !== undefined && (test === undefined || test(value));
    },
  };
}

/** Envoy's inverted matcher: a missing header counts as an empty one, except in the test of presence. */
function withoutHeader(name: string, unwanted: StringMatch | null): Condition {
  const actual = headerOf(name);
  const test = stringTest(unwanted);
  return {
    field: `withoutHeaders[${JSON.stringify(name)}]`,
    wants: `not ${describeMatch(unwanted)}`,
    actual,
    matches(request) {
      const value = actual(request);
      return test === undefined ? value === undefined : !test(value ?? '');
    },
  };
}

function headerOf(name: string): (request: PreparedRequest) => string | undefined {
  const lower = name.toLowerCase();
  if (lower === ':method') return (request) => request.method;
  if (lower === ':path') return (request) => request.path + request.query;
  if (lower === ':scheme') return (request) => request.scheme;
  if (lower === ':authority' || lower === 'host') return (request) => request.authority;
  return (request) => request.headers[lower];
}
