// A match block as a list of conditions, each of which can say what it asks and whether a request
// meets it. Deciding and explaining run the same conditions, so they cannot disagree.

import { RE2JS } from 're2js';
import type { PreparedRequest } from './request.ts';
import type { HttpMatch, StringMatch } from './resource.ts';

/** What a condition looks at; `name` is that of the header (lower case) or query parameter. */
export interface Subject {
  readonly kind: 'path' | 'fullPath' | 'method' | 'authority' | 'scheme' | 'header' | 'query';
  readonly name: string;
}

export interface Condition {
  /** The field of the resource: `uri`, `headers["x-user"]`. */
  readonly field: string;
  readonly subject: Subject;
  /** The text that is asked for, for those who look for requests that meet it; null asks for presence. */
  readonly match: StringMatch | null;
  readonly ignoresCase: boolean;
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
    const ignoresCase = match.ignoreUriCase === true;
    conditions.push({ ...condition(PATH, match.uri, test), field: 'uri', wants, ignoresCase });
  }
  for (const field of ['method', 'authority', 'scheme'] as const) {
    const test = stringTest(match[field]);
    if (test)
      conditions.push({ ...condition({ kind: field, name: '' }, match[field]!, test), field });
  }
  for (const [name, wanted] of Object.entries(match.headers ?? {})) {
    if (IGNORED_HEADERS.has(name)) continue;
    const field = `headers[${JSON.stringify(name)}]`;
    conditions.push({ ...condition(headerSubject(name), wanted, stringTest(wanted)), field });
  }
  for (const [name, unwanted] of Object.entries(match.withoutHeaders ?? {})) {
    if (!IGNORED_HEADERS.has(name)) conditions.push(withoutHeader(name, unwanted));
  }
  for (const [name, wanted] of Object.entries(match.queryParams ?? {})) {
    const field = `queryParams[${JSON.stringify(name)}]`;
    conditions.push({ ...condition({ kind: 'query', name }, wanted, stringTest(wanted)), field });
  }
  return conditions;
}

const PATH: Subject = { kind: 'path', name: '' };

function condition(
  subject: Subject,
  match: StringMatch | null,
  test: Test | undefined,
): Omit<Condition, 'field'> {
  const actual = reader(subject);
  return {
    subject,
    match,
    ignoresCase: false,
    wants: describeMatch(match),
    actual,
    matches(request) {
      const value = actual(request);
      return value !== undefined && (test === undefined || test(value));
    },
  };
}

/** Envoy's inverted matcher: a missing header counts as an empty one, except in the test of presence. */
function withoutHeader(name: string, unwanted: StringMatch | null): Condition {
  const subject = headerSubject(name);
  const actual = reader(subject);
  const test = stringTest(unwanted);
  return {
    field: `withoutHeaders[${JSON.stringify(name)}]`,
    subject,
    match: unwanted,
    ignoresCase: false,
    wants: `not ${describeMatch(unwanted)}`,
    actual,
    matches(request) {
      const value = actual(request);
      return test === undefined ? value === undefined : !test(value ?? '');
    },
  };
}

const PSEUDO_HEADERS: ReadonlyMap<string, Subject['kind']> = new Map([
  [':method', 'method'],
  [':path', 'fullPath'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
  ['host', 'authority'],
]);

function headerSubject(name: string): Subject {
  const lower = name.toLowerCase();
  const pseudo = PSEUDO_HEADERS.get(lower);
  return pseudo ? { kind: pseudo, name: '' } : { kind: 'header', name: lower };
}

function reader({ kind, name }: Subject): (request: PreparedRequest) => string | undefined {
  switch (kind) {
    case 'path':
      return (request) => request.path;
    case 'fullPath':
      return (request) => request.path + request.query;
    case 'query':
      return (request) => request.queryParam(name);
    case 'header':
      return (request) => request.headers[name];
    default:
      return (request) => request[kind];
  }
}
