// All requests to a virtual host, cut into cells in which every condition of two lists of routes is
// either met or not. A box is a choice of values for each thing that a condition looks at.

import type { Condition, Subject } from '../conditions.ts';
import { prepare, type TrafficRequest } from '../request.ts';
import { sampleTexts } from './sample-texts.ts';

interface Dimension {
  readonly subject: Subject;
  /** One for each way; undefined: the request has none. The plainest first. */
  readonly values: readonly (string | undefined)[];
}

/** A bit for each value of a dimension that is still possible. */
export type Box = readonly bigint[];

export interface RequestSpace {
  readonly whole: Box;
  /** false: some cells may be missing. */
  readonly complete: boolean;
  /** Where all conditions hold (undefined: nowhere) and the boxes, apart from each other, where not all do. */
  split(box: Box, conditions: readonly Condition[]): { inside: Box | undefined; outside: Box[] };
  /** Some requests of a box, the plainest first. `base` has what no condition looks at. */
  requests(box: Box, base: TrafficRequest): TrafficRequest[];
}

const keyOf = ({ kind, name }: Subject) => `${kind} ${name}`;

/**
 * @param host as it stands in `base.headers.host`; its letters may come in any case and with a port
 * @param maxStates beyond this many states of a walk over texts the space is not complete
 */
export function createRequestSpace(
  conditions: readonly Condition[],
  host: string,
  maxStates?: number,
): RequestSpace {
  const groups = new Map<string, Condition[]>();
  for (const one of conditions) {
    const key = keyOf(one.subject);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  let complete = true;
  const dimensions: Dimension[] = [];
  const masks = new Map<Condition, { readonly at: number; readonly mask: bigint }>();
  for (const group of groups.values()) {
    const { subject } = group[0]!;
    const sampled = valuesOf(group, host, maxStates);
    // A path and its query are looked at apart from here on.
    complete &&= sampled.complete && subject.kind !== 'fullPath';
    const values: (string | undefined)[] = [];
    const ways = new Map<string, number>();
    const met: boolean[][] = [];
    for (const value of sampled.values) {
      const request = prepare(withValue(EMPTY, subject, value));
      const holds = group.map((one) => one.matches(request));
      const way = holds.map(Number).join('');
      const count = ways.get(way) ?? 0;
      ways.set(way, count + 1);
      if (count >= 2) continue;
      values.push(value);
      met.push(holds);
    }
    for (const [index, one] of group.entries()) {
      let mask = 0n;
      for (let value = 0; value < values.length; value++)
        if (met[value]![index]) mask |= 1n << BigInt(value);
      masks.set(one, { at: dimensions.length, mask });
    }
    dimensions.push({ subject, values });
  }
  return {
    whole: dimensions.map(({ values }) => (1n << BigInt(values.length)) - 1n),
    complete,
    split(box, wanted) {
      const outside: Box[] = [];
      let inside = box;
      for (const one of wanted) {
        const { at, mask } = masks.get(one)!;
        const missed = inside[at]! & ~mask;
        if (missed !== 0n) outside.push(inside.with(at, missed));
        const kept = inside[at]! & mask;
        if (kept === 0n) return { inside: undefined, outside };
        inside = inside.with(at, kept);
      }
      return { inside, outside };
    },
    requests(box, base) {
      const choices = dimensions.map(({ values }, at) =>
        values.filter((_, index) => (box[at]! >> BigInt(index)) & 1n),
      );
      const choose = (pick: (list: readonly (string | undefined)[]) => string | undefined) =>
        choices.reduce<TrafficRequest>(
          (request, list, at) => withValue(request, dimensions[at]!.subject, pick(list)),
          base,
        );
      const plainest = choose((list) => list[0]);
      return [
        plainest,
        choose((list) => list.at(-1)),
        choose((list) => list[Math.floor(list.length / 2)]),
        // A rewrite or a redirect may show on one path or host of the box and not on another.
        ...dimensions.flatMap(({ subject }, at) =>
          RESHAPED.has(subject.kind)
            ? choices[at]!.slice(1).map((value) => withValue(plainest, subject, value))
            : [],
        ),
      ];
    },
  };
}

/** What outcomes are made of, beyond the conditions on it. */
const RESHAPED: ReadonlySet<Subject['kind']> = new Set(['path', 'fullPath', 'authority']);

const EMPTY: TrafficRequest = { method: 'GET', path: '/', headers: { host: '' }, port: 0 };

function withValue(
  request: TrafficRequest,
  { kind, name }: Subject,
  value: string | undefined,
): TrafficRequest {
  switch (kind) {
    case 'path': {
      const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : '';
      return { ...request, path: (value ?? '/') + query };
    }
    case 'fullPath':
      return { ...request, path: value ?? '/' };
    case 'query': {
      if (value === undefined) return request;
      const part = `${name}=${value}`;
      return {
        ...request,
        path: `${request.path}${request.path.includes('?') ? '&' : '?'}${part}`,
      };
    }
    case 'method':
      return { ...request, method: value ?? 'GET' };
    case 'scheme':
      return { ...request, scheme: value === 'https' ? 'https' : 'http' };
    case 'authority':
      return { ...request, headers: { ...request.headers, host: value ?? '' } };
    case 'header':
      return value === undefined
        ? request
        : { ...request, headers: { ...request.headers, [name]: value } };
  }
}

// What may stand at a place. A path is normalised before anybody looks at it: no dot segments, no backslash.
const SEGMENT = String.raw`([!-"$-.0->@-\[\]-~]*[!-"$-\-0->@-\[\]-~][!-"$-.0->@-\[\]-~]*|\.\.\.+)?`;
const DOMAINS: Readonly<Record<string, string>> = {
  path: `(/${SEGMENT})+`,
  fullPath: `(/${SEGMENT})+(\\?[!-"$-~]*)?`,
  method: "[A-Za-z0-9!#$%&'*+.^_|~-]+",
  header: '([!-~]([ -~]*[!-~])?)?',
  query: '[!-"$-%\'-~]*',
};

function valuesOf(
  conditions: readonly Condition[],
  host: string,
  maxStates: number | undefined,
): { values: (string | undefined)[]; complete: boolean } {
  const { kind } = conditions[0]!.subject;
  if (kind === 'scheme') return { values: ['http', 'https'], complete: true };
  const plain = host.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const domain = kind === 'authority' ? `(?i:${plain})(:[0-9]{1,5})?` : DOMAINS[kind]!;
  const { texts, complete } = sampleTexts(conditions, domain, maxStates);
  const first: (string | undefined)[] =
    kind === 'method'
      ? ['GET', 'POST', 'PUT', 'DELETE']
      : kind === 'authority'
        ? [host]
        : kind === 'header' || kind === 'query'
          ? [undefined]
          : [];
  return { values: [...first, ...texts], complete };
}
