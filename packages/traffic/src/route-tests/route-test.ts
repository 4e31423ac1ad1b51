// Unit tests of routing: what a request should meet. The form is istio-config-validator's, whose files
// run as they are, with a few fields more: `from`, `port`, `expect`.

import { CloverError } from '@clover/model';
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type YAMLMap,
} from 'yaml';
import type { Position } from '../finding.ts';
import type { SourceFile } from '../read/read-resources.ts';
import type { Headers } from '../resource.ts';

export interface RouteTestRequest {
  readonly authority?: readonly string[];
  readonly method?: readonly string[];
  readonly uri?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to every path; null for one without a value. */
  readonly queryParams?: Readonly<Record<string, string | null>>;
  readonly scheme?: string;
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
  /** Operations that the rule must have, among others. */
  readonly headers?: Headers;
  /** The VirtualService that the rule was handed to. */
  readonly delegate?: { readonly name: string; readonly namespace?: string };
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

const REQUEST_FIELDS = ['authority', 'method', 'uri', 'headers', 'queryParams', 'scheme'];

/** Reads `testCases:` of all documents of a file. Throws CloverError `traffic.bad_route_tests` with the places of all faults. */
export function readRouteTests(file: SourceFile): RouteTest[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(file.text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: file.name, line, column: col };
  };
  const issues = documents
    .flatMap((document) => document.errors)
    .map((error) => ({ at: format(place(error.pos[0])), message: error.message }));
  const nodes = documents.flatMap((document) =>
    casesOf(document).map((node) => ({ document, node })),
  );
  if (issues.length === 0 && nodes.length === 0)
    issues.push({ at: `${file.name}:1:1`, message: 'there is no list testCases' });
  const tests: RouteTest[] = [];
  const checkNames = (node: YAMLMap, known: readonly string[]) => {
    for (const { key } of node.items) {
      const name = String((key as { value?: unknown }).value);
      if (!known.includes(name))
        issues.push({
          at: format(place((key as { range: [number] }).range[0])),
          message: `unknown field ${name}; known: ${known.join(', ')}`,
        });
    }
  };
  for (const [index, { document, node }] of nodes.entries()) {
    const at = place((node as { range?: [number] }).range?.[0] ?? 0);
    if (!isMap(node)) {
      issues.push({
        at: format(at),
        message: 'a test is a map with description, request and route',
      });
      continue;
    }
    checkNames(node, FIELDS);
    const request = node.get('request');
    if (isMap(request)) checkNames(request, REQUEST_FIELDS);
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

/** Go reads the name of the list in any case, so files write it in any. */
function casesOf(document: Document.Parsed): unknown[] {
  if (!isMap(document.contents)) return [];
  const pair = document.contents.items.find(
    ({ key }) => isScalar(key) && String(key.value).toLowerCase() === 'testcases',
  );
  return isSeq(pair?.value) ? pair.value.items : [];
}

const format = (at: Position) => `${at.file}:${at.line}:${at.column}`;
