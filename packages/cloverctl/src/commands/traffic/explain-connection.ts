// `explain tcp://HOST:PORT`: where a connection goes that carries no HTTP, or whose TLS goes on as it is.

import type { Caller, CallerFinder, Connection, RoutingTable, RuleTrace } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { showObject } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { callerWords } from './decision-words.ts';
import {
  arrowOf,
  destinationLines,
  factLines,
  policyFacts,
  reasonLines,
} from './explanation-lines.ts';

export interface AskedConnection {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly sni: string | undefined;
}

/** Of `tcp://db:5432` or `tls://web:443`; undefined for a URL of a request. Throws `cloverctl.usage` for other schemes. */
export function connectionOf(
  address: string,
  sni: string | undefined,
): AskedConnection | undefined {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address) ?? [];
  if (scheme === undefined || /^https?$/i.test(scheme)) return undefined;
  const found = /^(tcp|tls):\/\/(\[[^\]]+\]|[^/?#:]+)(?::(\d{1,5}))?\/?$/i.exec(address);
  if (!found)
    throw usageError(
      /^(tcp|tls)$/i.test(scheme)
        ? `"${address}" is no connection`
        : `"${scheme}" is neither a request nor a connection`,
      'write http://host/path, tcp://host:port or tls://host:port',
    );
  const [, kind, host, port] = found as unknown as [string, string, string, string | undefined];
  const tls = kind.toLowerCase() === 'tls';
  if (port === undefined && !tls)
    throw usageError(`"${address}" has no port`, `for example: tcp://${host}:5432`);
  const name = host.replace(/^\[|\]$/g, '');
  return { tls, host: name, port: Number(port ?? 443), sni: sni ?? (tls ? name : undefined) };
}

export interface ToldConnection {
  readonly table: RoutingTable;
  readonly finder: CallerFinder;
  readonly placeOf: (ref: RuleTrace['ref']) => string | undefined;
}

/** A client is a workload unless `--via` says otherwise. */
export async function explainConnection(
  context: Context,
  { table, finder, placeOf }: ToldConnection,
  asked: AskedConnection,
): Promise<void> {
  const traffic = await import('@clover/traffic');
  const { caller, note } = finder.find({
    method: '',
    path: '',
    headers: { host: asked.host },
    port: asked.port,
    whole: true,
    ...(context.text('via') === undefined ? { via: 'sidecar' } : {}),
  });
  const connection = traffic.connectionTo(table, caller, asked);
  if (note !== undefined) context.note(`${context.errorStyle.yellow('note')}: ${note}`);
  await tellConnection(context, { table, caller, connection, placeOf }, asked);
}

async function tellConnection(
  context: Context,
  told: {
    readonly table: RoutingTable;
    readonly caller: Caller;
    readonly connection: Connection;
    readonly placeOf: ToldConnection['placeOf'];
  },
  { tls: isTls, host, port }: AskedConnection,
): Promise<void> {
  const traffic = await import('@clover/traffic');
  const { table, caller, connection, placeOf } = told;
  const decision = traffic.explainConnection(table, caller, connection);
  const { outcome, rules, chain, tls, rule } = decision;
  const destinations = outcome.kind === 'forward' ? outcome.destinations : [];
  const policies = destinations.map((one) => traffic.policyOf(table, caller, one));
  const { output, style, io } = context;
  const plain = {
    connection,
    caller,
    outcome: outcome.kind,
    chain: chain ?? null,
    rule: rule ?? null,
    tls: tls ?? null,
    destinations,
    policies: policies.map((one) => one ?? null),
    rules: rules.map(({ ref, verdict, reason }) => ({ ...ref, verdict, reason })),
  };
  if (output === 'jsonl') return void io.stdout.write(`${JSON.stringify(plain)}\n`);
  if (output !== 'table' && output !== 'wide') return showObject(context, plain);
  const facts: [string, string][] = [
    ...(tls ? [['tls', `ends here, ${tls.mode}`] as [string, string]] : []),
    ...policyFacts(destinations, policies),
  ];
  const lines = [
    `${style.bold(harmless(`${isTls ? 'tls' : 'tcp'}://${host}:${port}`))}  ${style.dim(harmless(callerWords(caller, connection.port)))}`,
    ...(connection.sni === undefined
      ? []
      : [style.dim(`  server name ${harmless(connection.sni)}`)]),
    ...(chain === undefined
      ? []
      : [style.dim(`  ${caller.via === 'gateway' ? 'gateway' : 'service'} ${chain}`)]),
    '',
    ...(outcome.kind === 'forward'
      ? destinationLines(context, destinations, policies)
      : [`${arrowOf(context)} ${outcomeText(context, outcome.kind)}`]),
    ...factLines(context, facts),
    ...(rules.length > 0 ? ['', ...reasonLines(context, { rules, placeOf })] : []),
  ];
  for (const text of lines) io.stdout.write(`${text}\n`);
}

function outcomeText({ style }: Context, kind: string): string {
  switch (kind) {
    case 'http':
      return 'carries HTTP: each request is decided by itself (explain METHOD http://…)';
    case 'passthrough':
      return 'passed through to where the client wanted to go: no declared service takes it (ALLOW_ANY)';
    case 'blocked':
      return style.red('closed: no declared service takes it (REGISTRY_ONLY)');
    default:
      return style.red('closed: nothing at this port takes it');
  }
}
