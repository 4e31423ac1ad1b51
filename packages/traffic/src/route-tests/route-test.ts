// Unit tests of routing: what a request should meet. The form is istio-config-validator's, whose files
// run as they are, with a few fields more: `from`, `port`, `expect`.

import { CloverError } from '@clover/model';
import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Position } from '../finding.ts';
import type { SourceFile } from '../read/read-resources.ts';

export interface RouteTestRequest {
  readonly authority?: readonly string[];
  readonly method?: readonly string[];
  readonly uri?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteTest {
  readonly description: string;
  /** false: the request must not meet what is described. */
  readonly wantMatch: boolean;
  /** All combinations of its lists are tried. */
  readonly request: RouteTestRequest;
  /** What must be there, each compared with the decision as far as it is given. */
  readonly route?: readonly {
    readonly destination: {
      readonly host: string;
      readonly subset?: string;
      readonly port?: { readonly number: number };
    };
    readonly weight?: number;
  }[];
  readonly redirect?: {
    readonly uri?: string;
    readonly authority?: string;
    readonly redirectCode?: number;
  };
  readonly rewrite?: { readonly uri?: string; readonly authority?: string };
  readonly directResponse?: { readonly status?: number };
  readonly fault?: {
    readonly abort?: { readonly httpStatus?: number };
    readonly delay?: { readonly fixedDelay?: string };
  };
  /** `404`, `passthrough` or `blocked` when no route is expected. */
  readonly expect?: 'notFound' | 'passthrough' | 'blocked';
  readonly from?: {
    readonly gateway?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly port?: number;
  readonly at: Position;
}

const FIELDS = [
  'description',
  'wantMatch',
  'request',
  'route',
  'redirect',
  'rewrite',
  'directResponse',
  'fault',
  'headers',
  'delegate',
  'expect',
  'from',
  'port',
];

/** Reads `testCases:` of a file. Throws CloverError `traffic.bad_route_tests` with the places of all faults. */
export function readRouteTests(file: SourceFile): RouteTest[] {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: file.name, line, column: col };
  };
  const issues = document.errors.map((error) => ({
    at: format(place(error.pos[0])),
    message: error.message,
  }));
  const cases = document.get('testCases');
  if (issues.length === 0 && !isSeq(cases))
    issues.push({ at: `${file.name}:1:1`, message: 'there is no list testCases' });
  const tests: RouteTest[] = [];
  for (const [index, node] of (isSeq(cases) ? cases.items : []).entries()) {
    const at = place((node as { range?: [number] }).range?.[0] ?? 0);
    if (!isMap(node)) {
      issues.push({
        at: format(at),
        message: 'a test is a map with description, request and route',
      });
      continue;
    }
    for (const { key } of node.items) {
      const name = String((key as { value?: unknown }).value);
      if (!FIELDS.includes(name))
        issues.push({
          at: format(place((key as { range: [number] }).range[0])),
          message: `unknown field ${name}; known: ${FIELDS.join(', ')}`,
        });
    }
    const value = node.toJS(document) as Partial<RouteTest>;
    if (!value.request) issues.push({ at: format(at), message: 'the test has no request' });
    tests.push({
      wantMatch: true,
      request: {},
      ...value,
      description: value.description ?? `test ${index + 1}`,
      at,
    });
  }
  if (issues.length > 0) {
    throw new CloverError(
      'traffic.bad_route_tests',
      `${file.name} holds no route tests that can run`,
      { hint: issues[0]!.message, issues, status: 400 },
    );
  }
  return tests;
}

const format = (at: Position) => `${at.file}:${at.line}:${at.column}`;
