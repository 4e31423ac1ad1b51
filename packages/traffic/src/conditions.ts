// A match block as a list of conditions, each of which can say what it asks and whether a request
// meets it. Deciding and explaining run the same conditions, so they cannot disagree.

import { regexTest } from './regex.ts';
import type { PreparedRequest } from './request.ts';
import type { HttpMatch, StringMatch } from './resource.ts';

type Test = (value: string) => boolean;

/** What a condition looks at; `name` is that of the header (lower case) or query parameter. */
export interface Subject {
  readonly kind: 'path' | 'fullPath' | 'method' | 'authority' | 'scheme' | 'header' | 'query';
  readonly name: string;
}

/** Dearer to look at come later. */
const BY_COST: readonly Subject['kind'][] = [
  'path',
  'method',
  'authority',
  'scheme',
  'header',
  'query',
  'fullPath',
];

/** One question about a request. A class with one shape, as most of a decision is spent here. */
export class Condition {
  /** The field of the resource: `uri`, `headers["x-user"]`. */
  readonly field: string;
  readonly subject: Subject;
  /** The text that is asked for, for those who look for requests that meet it; null asks for presence. */
  readonly match: StringMatch | null;
  readonly ignoresCase: boolean;
  /** It is met where the text is not. */
  readonly inverted: boolean;
  /** Such as `prefix "/api"`. */
  readonly wants: string;
  /** What stands in the path when only an exact one will do; undefined for every other condition. */
  readonly exactPath: string | undefined;
  readonly cost: number;
  readonly #kind: Subject['kind'];
  readonly #name: string;
  readonly #exact: string | undefined;
  readonly #prefix: string | undefined;
  readonly #test: Test | undefined;

  constructor(
    field: string,
    subject: Subject,
    match: StringMatch | null | undefined,
    options: { ignoresCase?: boolean; inverted?: boolean; segments?: boolean } = {},
  ) {
    const { ignoresCase = false, inverted = false, segments = false } = options;
    this.field = field;
    this.subject = subject;
    this.match = match ?? null;
    this.ignoresCase = ignoresCase;
    this.inverted = inverted;
    this.wants =
      (inverted ? 'not ' : '') +
      describeMatch(match, segments) +
      (ignoresCase ? ' in any case' : '');
    this.#kind = subject.kind;
    this.#name = subject.name;
    const plain = !ignoresCase && !segments;
    this.#exact = plain ? match?.exact : undefined;
    this.#prefix = plain && this.#exact === undefined ? match?.prefix : undefined;
    const test = segments
      ? segmentTest(match?.prefix ?? '', ignoresCase)
      : stringTest(match, ignoresCase);
    this.#test = this.#exact === undefined && this.#prefix === undefined ? test : undefined;
    this.exactPath = subject.kind === 'path' && !inverted ? this.#exact : undefined;
    this.cost = BY_COST.indexOf(subject.kind) + (match?.regex !== undefined && this.#test ? 10 : 0);
  }

  /** Whether the request meets it. */
  matches(request: PreparedRequest): boolean {
    return this.holdsFor(this.actual(request));
  }

  /** Whether a request meets it that has `value` at that place. */
  holdsFor(value: string | undefined): boolean {
    if (this.inverted) return !this.#holdsWithout(value);
    if (value === undefined) return false;
    if (this.#exact !== undefined) return value === this.#exact;
    if (this.#prefix !== undefined) return value.startsWith(this.#prefix);
    return this.#test === undefined || this.#test(value);
  }

  /** Envoy's inverted matcher: a missing header counts as an empty one, except in the test of presence. */
  #holdsWithout(value: string | undefined): boolean {
    if (this.#exact !== undefined) return (value ?? '') === this.#exact;
    if (this.#prefix !== undefined) return (value ?? '').startsWith(this.#prefix);
    return this.#test === undefined ? value !== undefined : this.#test(value ?? '');
  }

  /** What the request has at that place; undefined when it has nothing. */
  actual(request: PreparedRequest): string | undefined {
    switch (this.#kind) {
      case 'path':
        return request.path;
      case 'header':
        return request.header(this.#name);
      case 'query':
        return request.queryParam(this.#name);
      case 'fullPath':
        return request.path + request.query;
      default:
        return request[this.#kind];
    }
  }
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
  if (match?.regex !== undefined && match.regex !== '*') return patternTest(match.regex);
  return undefined;
}

/** Validation refuses a pattern that RE2 does not know; should one come here all the same, it matches nothing. */
function patternTest(pattern: string): Test {
  try {
    return regexTest(pattern);
  } catch {
    return () => false;
  }
}

/** A prefix of whole segments, as in Gateway API: `/api` takes `/api` and `/api/x`, not `/apis`. */
function segmentTest(prefix: string, ignoreCase: boolean): Test {
  const wanted = ignoreCase ? prefix.toLowerCase() : prefix;
  return (value) => {
    const path = ignoreCase ? value.toLowerCase() : value;
    return (
      path.startsWith(wanted) && (path.length === wanted.length || path[wanted.length] === '/')
    );
  };
}

/** `exact "/a"`, `present`, … */
function describeMatch(match: StringMatch | null | undefined, segments = false): string {
  if (match?.exact !== undefined) return `exact ${JSON.stringify(match.exact)}`;
  if (match?.prefix !== undefined)
    return `${segments ? 'path prefix' : 'prefix'} ${JSON.stringify(match.prefix)}`;
  if (match?.regex !== undefined && match.regex !== '*')
    return `regex ${JSON.stringify(match.regex)}`;
  return 'present';
}

const IGNORED_HEADERS = new Set(['uri', 'scheme', 'method', 'authority']);

/** The conditions of one block that look at the request, the cheapest first. Empty: matches all. */
export function requestConditions(match: HttpMatch): Condition[] {
  const conditions: Condition[] = [];
  if (match.uri && !(match.segments && match.uri.prefix === '')) {
    conditions.push(
      new Condition('uri', { kind: 'path', name: '' }, match.uri, {
        ignoresCase: match.ignoreUriCase === true && match.uri.regex === undefined,
        segments: match.segments === true && match.uri.prefix !== undefined,
      }),
    );
  }
  for (const field of ['method', 'authority', 'scheme'] as const) {
    if (match[field])
      conditions.push(new Condition(field, { kind: field, name: '' }, match[field]));
  }
  for (const [name, wanted] of Object.entries(match.headers ?? {})) {
    if (IGNORED_HEADERS.has(name)) continue;
    conditions.push(new Condition(`headers[${JSON.stringify(name)}]`, headerSubject(name), wanted));
  }
  for (const [name, unwanted] of Object.entries(match.withoutHeaders ?? {})) {
    if (IGNORED_HEADERS.has(name)) continue;
    const field = `withoutHeaders[${JSON.stringify(name)}]`;
    conditions.push(new Condition(field, headerSubject(name), unwanted, { inverted: true }));
  }
  for (const [name, wanted] of Object.entries(match.queryParams ?? {})) {
    const field = `queryParams[${JSON.stringify(name)}]`;
    conditions.push(new Condition(field, { kind: 'query', name }, wanted));
  }
  return conditions.sort((a, b) => a.cost - b.cost);
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
