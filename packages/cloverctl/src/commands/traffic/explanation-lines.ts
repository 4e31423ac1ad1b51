// An explanation as people read it on a terminal.

import type {
  Caller,
  Decision,
  DecisionLine,
  DestinationPolicy,
  LineDestination,
  RuleTrace,
  TrafficRequest,
} from '@clover/traffic';
import type { Context } from '../../context.ts';
import { harmless, padTo, textWidth, wrapText } from '../../output/text.ts';
import { callerWords, listed } from './decision-words.ts';
import { percent } from '../../output/percent.ts';

export interface ToldDecision {
  readonly request: TrafficRequest;
  readonly caller: Caller;
  readonly decision: Decision;
  readonly line: DecisionLine;
  readonly rules: readonly RuleTrace[];
  /** One per destination. */
  readonly policies: readonly (DestinationPolicy | undefined)[];
  readonly placeOf: (ref: RuleTrace['ref']) => string | undefined;
}

/** Lines without line ends: what is asked, where it goes, what is done to it, and why. */
export function explanationLines(context: Context, told: ToldDecision): string[] {
  return [
    ...questionLines(context, told),
    '',
    ...outcomeLines(context, told),
    ...detailLines(context, told),
    '',
    ...reasonLines(context, told),
  ];
}

function questionLines({ style }: Context, { request, caller, line }: ToldDecision): string[] {
  const { method, path, headers, port, scheme } = request;
  const who = callerWords(caller, port);
  return [
    `${style.bold(`${harmless(method)} ${scheme ?? 'http'}://${harmless(headers['host'] ?? '')}${harmless(path)}`)}  ${style.dim(harmless(who))}`,
    ...Object.entries(headers)
      .filter(([name]) => name !== 'host')
      .map(([name, value]) => style.dim(`  ${harmless(name)}: ${harmless(value)}`)),
    ...(line.virtualHost === null ? [] : [style.dim(`  virtual host ${line.virtualHost}`)]),
  ];
}

const BAR = 20;

function outcomeLines(context: Context, { line, policies }: ToldDecision): string[] {
  return line.outcome === 'forward'
    ? destinationLines(context, line.destinations!, policies)
    : [`${arrowOf(context)} ${answerText(context, line)}`];
}

export const arrowOf = ({ style, figures }: Context) => style.bold(figures.unicode ? '→' : '->');

type Share = Pick<LineDestination, 'host' | 'port' | 'subset' | 'probability'> & {
  readonly missing?: string | undefined;
};

/** A line for each destination, with its share where there are several. */
export function destinationLines(
  context: Context,
  destinations: readonly Share[],
  policies: ToldDecision['policies'],
): string[] {
  const { style, figures } = context;
  const arrow = arrowOf(context);
  const names = destinations.map((one) => `${one.host}:${one.port}`);
  const width = Math.max(...names.map(textWidth));
  const subsets = Math.max(...destinations.map((one) => textWidth(one.subset)));
  return destinations.map((one, index) => {
    const full = Math.round(one.probability * BAR);
    const bar = figures.unicode
      ? style.cyan('━'.repeat(full)) + style.dim((style.colour ? '━' : '─').repeat(BAR - full))
      : '#'.repeat(full).padEnd(BAR, '.');
    const share = `${percent(one.probability).padStart(6)}  ${bar}`;
    const name = style.service(one.host)(padTo(names[index]!, width));
    const fault = one.missing
      ? `  ${style.red(one.missing === 'subset' ? 'no such subset: 503' : 'no such service or port: 503')}`
      : '';
    const rule = policies[index];
    const by = rule ? style.dim(`  ${rule.rule}`) : '';
    return `${arrow} ${name}  ${subsets > 0 ? `${padTo(one.subset, subsets)}  ` : ''}${destinations.length > 1 ? share : ''}${by}${fault}`.trimEnd();
  });
}

function answerText({ style }: Context, line: DecisionLine): string {
  switch (line.outcome) {
    case 'redirect':
      return `redirect ${style.bold(String(line.redirect!.status))} to ${harmless(line.redirect!.location)}`;
    case 'directResponse':
      return `answered by the proxy: ${style.bold(String(line.directResponse!.status))} ${harmless(JSON.stringify(line.directResponse!.body))}`;
    case 'preflight':
      return 'a CORS preflight, answered by the proxy: 200';
    case 'passthrough':
      return 'passed through to where the host resolves to: nobody declared it (ALLOW_ANY)';
    case 'blocked':
      return style.red('502: nobody declared this host (REGISTRY_ONLY)');
    case 'notFound':
      return style.red(
        line.virtualHost === null ? '404: no virtual host' : '404: no rule takes it',
      );
    case 'forward':
      return '';
  }
}

function detailLines(context: Context, { request, line, policies }: ToldDecision): string[] {
  const facts: [string, string][] = [];
  const { fault, retries, cors } = line;
  if (fault?.delay)
    facts.push([
      'fault',
      `delay of ${fault.delay.durationMs} ms for ${percent(fault.delay.probability)}`,
    ]);
  if (fault?.abort) {
    const { httpStatus, grpcStatus, probability } = fault.abort;
    facts.push([
      'fault',
      `abort with ${httpStatus ?? `gRPC ${grpcStatus}`} for ${percent(probability)}`,
    ]);
  }
  if (line.path !== undefined && line.path !== request.path)
    facts.push(['path', `${request.path} becomes ${line.path}`]);
  for (const one of line.destinations ?? []) {
    const to = line.destinations!.length > 1 ? ` (${one.subset || one.host})` : '';
    if (one.authority !== (request.headers['host'] ?? ''))
      facts.push(['host', `becomes ${one.authority}${to}`]);
    for (const [name, value] of Object.entries(one.headers))
      if (name !== 'host' && request.headers[name] !== value)
        facts.push(['request', `${name}: ${value}${to}`]);
    for (const name of Object.keys(request.headers))
      if (!(name in one.headers)) facts.push(['request', `without ${name}${to}`]);
    for (const text of (one.responseHeaders ?? []).flatMap(operationsText))
      facts.push(['answer', `${text}${to}`]);
  }
  for (const text of (line.responseHeaders ?? []).flatMap(operationsText))
    facts.push(['answer', text]);
  for (const { host, port, subset, probability, missing } of line.mirrors ?? [])
    facts.push([
      'mirror',
      `${host}:${port}${subset && ` ${subset}`} gets a copy of ${percent(probability)}${missing ? ', but it is not there' : ''}`,
    ]);
  if (line.outcome === 'forward') {
    if (line.timeoutMs) facts.push(['timeout', `${line.timeoutMs} ms, with all retries`]);
    facts.push([
      'retries',
      retries?.attempts === 0
        ? 'none'
        : `${retries?.attempts ?? 2} on ${retries?.retryOn ?? 'connect-failure,refused-stream,unavailable,cancelled'}`,
    ]);
  }
  if (cors) facts.push(['cors', JSON.stringify(cors)]);
  facts.push(...policyFacts(line.destinations ?? [], policies));
  return factLines(context, facts);
}

export const factLines = (context: Context, facts: readonly [string, string][]) =>
  facts.map(([name, text]) => `  ${context.style.dim(padTo(name, 8))} ${harmless(text)}`);

/** A setting that all destinations share is said once. */
export function policyFacts(
  destinations: readonly Share[],
  policies: ToldDecision['policies'],
): [string, string][] {
  const bearers = new Map<string, string[]>();
  for (const [index, policy] of policies.entries())
    for (const [name, value] of policy?.settings ?? []) {
      const who = destinations[index]!.subset || destinations[index]!.host;
      const text = `${name} ${value}`;
      bearers.set(text, [...(bearers.get(text) ?? []), who]);
    }
  return [...bearers].map(([text, who]) => [
    'policy',
    who.length === destinations.length ? text : `${text} (${who.join(', ')})`,
  ]);
}

function operationsText({
  set = {},
  add = {},
  remove = [],
}: NonNullable<DecisionLine['responseHeaders']>[number]): string[] {
  return [
    ...remove.map((name) => `without ${name}`),
    ...Object.entries(set).map(([name, value]) => `${name}: ${value}`),
    ...Object.entries(add).map(([name, value]) => `adds ${name}: ${value}`),
  ];
}

export function reasonLines(
  context: Context,
  { rules, placeOf }: Pick<ToldDecision, 'rules' | 'placeOf'>,
): string[] {
  const { style, figures } = context;
  if (rules.length === 0) return [];
  const marks = figures.unicode
    ? { matched: '✔', failed: '✘', closed: '-', after: '·' }
    : { matched: '*', failed: 'x', closed: '-', after: '.' };
  const named = rules.map(({ ref }) => nameOf(ref));
  const width = Math.min(48, Math.max(...named.map(textWidth)));
  const paints = { matched: style.green, failed: style.red, closed: style.dim, after: style.dim };
  const lines = rules.flatMap(({ ref, verdict, reason }, index) => {
    const place = placeOf(ref);
    const text = `${harmless(reason)}${place === undefined ? '' : `  ${place}`}`;
    const [head = '', ...more] = context.terminal
      ? wrapText(text, Math.max(30, context.width - width - 6))
      : [text];
    const quiet =
      verdict === 'closed' || verdict === 'after' ? style.dim : (plain: string) => plain;
    return [
      `${paints[verdict](marks[verdict])} ${(verdict === 'matched' ? style.bold : quiet)(padTo(harmless(named[index]!), width))}  ${quiet(head)}`,
      ...more.map((line) => `${' '.repeat(width + 4)}${quiet(line)}`),
    ];
  });
  return [style.bold('Why'), ...lines];
}

/** `default/lb chrome`, `default/lb http[2] match[1]`, or that the service has no rules of its own. */
function nameOf(ref: RuleTrace['ref']): string {
  const { virtualService, ruleName, matchIndex, source, root } = ref;
  if (virtualService === undefined) return "the service's own route";
  const block = matchIndex > 0 ? ` ${source ? 'matches' : 'match'}[${matchIndex}]` : '';
  const by = root ? ` (by ${root.virtualService})` : '';
  return `${virtualService} ${ruleName || listed(ref)}${block}${by}`;
}
