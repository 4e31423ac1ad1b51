// What is different between two effects, in words.

import type { DecisionLine, LineDestination } from '../explain/decision-line.ts';
import type { Effect } from './effect.ts';

export interface Change {
  /** `destination`: it goes elsewhere, or in other shares; the rest goes the same way but otherwise. */
  readonly kind:
    | 'outcome'
    | 'destination'
    | 'request'
    | 'answer'
    | 'fault'
    | 'timeout'
    | 'retries'
    | 'mirror'
    | 'cors'
    | 'tls'
    | 'policy';
  readonly text: string;
}

export function tellChanges(before: Effect, after: Effect): Change[] {
  const [a, b] = [before.line, after.line];
  const changes: Change[] = [];
  const say = (kind: Change['kind'], text: string) => changes.push({ kind, text });
  const compare = (kind: Change['kind'], x: string, y: string) => {
    if (x !== y) say(kind, `${x} becomes ${y}`);
  };
  if (outcomeText(a) !== outcomeText(b)) {
    if (a.outcome !== 'forward' || b.outcome !== 'forward')
      say('outcome', `${outcomeText(a)} becomes ${outcomeText(b)}`);
    else
      for (const text of shareChanges(a.destinations!, b.destinations!)) say('destination', text);
  }
  if (a.outcome === 'forward' && b.outcome === 'forward') {
    if (a.path !== b.path) say('request', `path: ${a.path} becomes ${b.path}`);
    targetChanges(before, after, say);
    compare('mirror', mirrorsOf(a), mirrorsOf(b));
    compare('timeout', timeoutText(a), timeoutText(b));
    compare('retries', retriesText(a), retriesText(b));
  }
  compare('fault', faultText(a), faultText(b));
  compare('cors', json(a.cors), json(b.cors));
  if (a.outcome !== 'forward' && a.outcome === b.outcome) {
    compare('answer', `headers ${json(a.responseHeaders)}`, `headers ${json(b.responseHeaders)}`);
    compare(
      'answer',
      `body ${json(a.directResponse?.body)}`,
      `body ${json(b.directResponse?.body)}`,
    );
  }
  return changes.length > 0 ? changes : [{ kind: 'policy', text: 'otherwise treated' }];
}

const nameOf = ({
  host,
  port,
  subset,
  missing,
}: Pick<LineDestination, 'host' | 'port' | 'subset'> & { readonly missing?: string | undefined }) =>
  `${host}:${port}${subset && ` ${subset}`}${missing ? ' (not there)' : ''}`;
export const percent = (ratio: number) => `${Number((ratio * 100).toFixed(4))} %`;

/** What it comes to, without what is done on the way. */
export function outcomeText(line: DecisionLine): string {
  switch (line.outcome) {
    case 'forward':
      return line
        .destinations!.map((one) => `${nameOf(one)} ${percent(one.probability)}`)
        .join(', ');
    case 'redirect':
      return `redirect ${line.redirect!.status} to ${line.redirect!.location}`;
    case 'directResponse':
      return `direct response ${line.directResponse!.status}`;
    case 'passthrough':
      return 'passed through';
    case 'notFound':
      return '404';
    case 'blocked':
      return '502, host not declared';
    default:
      return line.outcome;
  }
}

type Share = Parameters<typeof nameOf>[0] & { readonly probability: number };

export function shareChanges(a: readonly Share[], b: readonly Share[]): string[] {
  const shares = (destinations: readonly Share[]) => {
    const sums = new Map<string, number>();
    for (const one of destinations)
      sums.set(nameOf(one), (sums.get(nameOf(one)) ?? 0) + one.probability);
    return sums;
  };
  const [from, to] = [shares(a), shares(b)];
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((name) => Math.abs((from.get(name) ?? 0) - (to.get(name) ?? 0)) > 1e-9)
    .map(
      (name) => `${name}: ${percent(from.get(name) ?? 0)} becomes ${percent(to.get(name) ?? 0)}`,
    );
}

function targetChanges(
  before: Effect,
  after: Effect,
  say: (kind: Change['kind'], text: string) => void,
): void {
  for (const [index, one] of before.line.destinations!.entries()) {
    const other = after.line.destinations!.findIndex((two) => nameOf(two) === nameOf(one));
    if (other === -1) continue;
    const two = after.line.destinations![other]!;
    const name = nameOf(one);
    const [from, to] = [before.targets[index]!, after.targets[other]!];
    if (JSON.stringify(from.labels) !== JSON.stringify(to.labels))
      say(
        'destination',
        `${name} means ${JSON.stringify(to.labels)}, not ${JSON.stringify(from.labels)}`,
      );
    for (const text of settingChanges(from.policy, to.policy)) say('policy', `${name}: ${text}`);
    if (JSON.stringify(one.headers) !== JSON.stringify(two.headers))
      for (const text of settingChanges(Object.entries(one.headers), Object.entries(two.headers)))
        say('request', `header ${text}`);
    if (JSON.stringify(one.responseHeaders) !== JSON.stringify(two.responseHeaders))
      say(
        'answer',
        `answer headers: ${JSON.stringify(one.responseHeaders ?? [])} becomes ${JSON.stringify(two.responseHeaders ?? [])}`,
      );
  }
}

export function settingChanges(
  from: readonly (readonly [string, string])[],
  to: readonly (readonly [string, string])[],
): string[] {
  const [before, after] = [new Map(from), new Map(to)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${before.get(name) ?? 'none'} becomes ${after.get(name) ?? 'none'}`);
}

const json = (value: unknown) => JSON.stringify(value) ?? 'none';

function mirrorsOf({ mirrors = [] }: DecisionLine): string {
  const texts = mirrors.map(
    (one) => `${one.host}:${one.port}${one.subset && ` ${one.subset}`} ${percent(one.probability)}`,
  );
  return texts.join(', ') || 'none';
}

const timeoutText = ({ timeoutMs }: DecisionLine) => (timeoutMs ? `${timeoutMs} ms` : 'none');

function retriesText({ retries }: DecisionLine): string {
  const { attempts = 0, retryOn, ...more } = retries ?? {};
  const rest = Object.keys(more).length > 0 ? ` ${JSON.stringify(more)}` : '';
  return attempts === 0
    ? 'none'
    : `${attempts}${retryOn === undefined ? '' : ` on ${retryOn}`}${rest}`;
}

function faultText({ fault }: DecisionLine): string {
  const { delay, abort } = fault ?? {};
  const texts = [
    ...(delay ? [`delay of ${delay.durationMs} ms for ${percent(delay.probability)}`] : []),
    ...(abort
      ? [
          `abort with ${abort.httpStatus ?? `gRPC ${abort.grpcStatus}`} for ${percent(abort.probability)}`,
        ]
      : []),
  ];
  return texts.join(', ') || 'none';
}
