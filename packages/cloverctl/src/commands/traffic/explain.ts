import type { AskedRequest, RuleRef, TrafficRequest } from '@clover/traffic';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlagOf } from '../../flags.ts';
import { showObject } from '../../output/show.ts';
import { absentFlag, absentHeaders, callerDefaults, callerFlags } from './caller-flags.ts';
import {
  connectionOf,
  explainConnection,
  type AskedConnection,
  type ToldConnection,
} from './explain-connection.ts';
import { explainFile } from './explain-file.ts';
import { explanationLines } from './explanation-lines.ts';
import { explainTrace } from './explain-trace.ts';
import { loadResources, type LoadedResources } from './load-resources.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export const explainRoute: Command = {
  path: 'explain',
  summary: 'Where a request would go and, rule by rule, why',
  text: 'Decides requests by Istio resources (files, or without -f those in force at the controller) as Envoy configured by Istio would: the rule that takes it, destinations with their shares, faults, rewrites, headers, timeouts and the policy of each destination; and for every other rule why it does not take it. --from names the workload that calls (its labels and namespace come from the WorkloadEntries, Deployments and Pods in the files), --via a gateway. A request that says neither goes through the gateway that serves its host, if there is one. A URL tcp://host:port or tls://host:port asks where a connection goes, by the tcp and tls routes and a gateway’s servers; it comes from a workload unless --via says otherwise.\nWith --trace every request of a recorded trace is explained and compared with where it went. With --requests many requests are: one JSON object a line (method, path, headers, and if it is known via, from, port, answer), Envoy’s access log as text or JSON, or recorded spans; plain or gzipped, - for stdin. Where a line says what became of the request (an answer, a log’s upstream cluster), it is compared. A log or span does not hold all headers: where a rule looks at one that was not recorded and the answer depends on it, the request counts as undecided. Exits with 3 when an answer differs, with 5 when nothing could be compared because all was undecided.',
  examples: [
    {
      says: 'as a workload of the mesh calls it',
      line: "explain -f mesh/ GET http://http-lb:9180/test -H 'user-agent: chrome' --from proxy-access-control",
    },
    {
      says: 'from outside, through the gateway',
      line: 'explain -f mesh/ GET http://www.sdc.com/test --via gateway',
    },
    { says: 'a connection that carries no HTTP', line: 'explain -f mesh/ tcp://db:5432' },
    {
      says: 'a file of requests, a decision a line',
      line: 'explain -f mesh/ --requests requests.jsonl -o jsonl',
    },
    {
      says: 'what an access log says against what the rules say',
      line: 'explain -f mesh/ --requests access.log.gz --via gateway',
    },
    {
      says: 'every request of a recorded trace',
      line: 'explain -f mesh/ --trace 4bf92f3577b34da6a3ce929d0e0e4736',
    },
  ],
  arguments: [
    { name: 'METHOD', says: 'GET, POST, …', optional: true },
    {
      name: 'URL',
      says: 'http://host/path?query; tcp://host:port or tls://host:port, without a method',
      optional: true,
    },
  ],
  flags: [
    {
      name: 'file',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'file or folder of Istio resources, may be repeated (default: what is in force)',
      completes: 'file',
    },
    {
      name: 'header',
      short: 'H',
      value: 'NAME: VALUE',
      many: true,
      says: 'a header of the request; may be repeated',
    },
    ...callerFlags,
    {
      name: 'sni',
      value: 'HOST',
      says: 'server name of the TLS that a connection begins with (default: that of tls://HOST)',
    },
    { name: 'trace', value: 'ID', says: 'the requests of a recorded trace', completes: 'trace' },
    { name: 'requests', value: 'FILE', says: 'file of requests, - for stdin', completes: 'file' },
    absentFlag,
    { name: 'quiet', short: 'q', says: 'no progress' },
    outputFlagOf('table', 'wide', 'json', 'yaml', 'jsonl'),
  ],
  async run(context) {
    const traffic = await import('@clover/traffic');
    const asked = [context.text('trace'), context.text('requests'), context.args[0]];
    if (asked.filter((one) => one !== undefined).length !== 1)
      throw usageError(
        'name one thing to explain: METHOD URL, --requests FILE or --trace ID',
        `for example: ${context.io.programName} explain -f mesh/ GET http://www.sdc.com/test`,
      );
    if (context.args.length === 1 && METHODS.has(context.args[0]!.toUpperCase()))
      throw usageError(
        `name the URL behind ${context.args[0]}`,
        `for example: ${context.args[0]} http://www.sdc.com/test`,
      );
    const loaded = await loadResources(context, context.list('file'));
    const table = traffic.compile(loaded.read.resources);
    const finder = traffic.createCallerFinder(
      table,
      loaded.read.resources,
      traffic.findWorkloads(loaded.files, loaded.read.resources),
      callerDefaults(context),
    );
    const decider = { table, finder, absent: absentHeaders(context) };
    const requests = context.text('requests');
    if (requests !== undefined) return explainFile(context, decider, requests);
    const trace = context.text('trace');
    if (trace !== undefined) return explainTrace(context, decider, trace);
    const connection = askedConnection(context);
    const placeOfRule = (ref: RuleRef) => placeOf(loaded, ref);
    if (connection)
      await explainConnection(context, { table, finder, placeOf: placeOfRule }, connection);
    else await explainOne(context, { table, finder, placeOf: placeOfRule });
    return undefined;
  },
};

function askedConnection(context: Context): ReturnType<typeof connectionOf> {
  const [first = '', second] = context.args;
  const sni = context.text('sni');
  const connection = connectionOf(second ?? first, sni);
  if (connection && second !== undefined)
    throw usageError(
      `a connection has no method, and here is "${first}"`,
      `leave it out: ${second}`,
    );
  if (!connection && sni !== undefined)
    throw usageError(
      '--sni is for connections',
      'for example: tls://www.sdc.com:443 --sni a.sdc.com',
    );
  return connection;
}

async function explainOne(
  context: Context,
  { table, finder, placeOf: placeOfRule }: ToldConnection,
): Promise<void> {
  const traffic = await import('@clover/traffic');
  const { found, request, decision, line } = traffic.explainRequest(
    table,
    finder,
    requestOf(context),
  );
  const { rules } = traffic.explain(table, found.caller, request);
  const policies = (line.destinations ?? []).map((one) =>
    traffic.policyOf(table, found.caller, one),
  );
  // A service that speaks no HTTP has no virtual host: what comes there is decided as a connection.
  if (line.outcome === 'passthrough' || line.outcome === 'blocked') {
    const at = connectionAt(request);
    const connection = traffic.connectionTo(table, found.caller, at);
    const { chain, outcome } = traffic.decideConnection(table, found.caller, connection);
    // Where the port speaks HTTP for others, the answer about the request stands.
    if (chain !== undefined && outcome.kind !== 'http') {
      context.note(
        `${context.errorStyle.yellow('note')}: ${chain} is declared for connections at port ${at.port}, not for HTTP: no rule looks at requests there`,
      );
      return explainConnection(context, { table, finder, placeOf: placeOfRule }, at);
    }
  }
  if (found.note !== undefined) context.note(`${context.errorStyle.yellow('note')}: ${found.note}`);
  if (context.output === 'jsonl') return void context.io.stdout.write(`${JSON.stringify(line)}\n`);
  if (context.output !== 'table' && context.output !== 'wide') {
    return showObject(context, {
      request,
      caller: found.caller,
      ...line,
      policies: policies.map((one) => one ?? null),
      rules: rules.map(({ ref, verdict, reason }) => ({ ...ref, verdict, reason })),
    });
  }
  const lines = explanationLines(context, {
    request,
    caller: found.caller,
    decision,
    line,
    rules,
    policies,
    placeOf: placeOfRule,
  });
  for (const text of lines) context.io.stdout.write(`${text}\n`);
}

const connectionAt = ({ headers, port, scheme }: TrafficRequest): AskedConnection => {
  const host = (headers['host'] ?? '').replace(/:\d+$/, '');
  const tls = scheme === 'https';
  return { tls, host, port, sni: tls ? host : undefined };
};

/** `mesh.yaml:12`: where the rule stands, in a delegate or a route of Gateway API too. */
function placeOf({ read }: LoadedResources, ref: RuleRef): string | undefined {
  const { source, section = 'http', ruleIndex, matchIndex } = ref;
  const resource = read.resources.find(
    (one) =>
      one.kind === (source ?? 'VirtualService') &&
      `${one.metadata.namespace}/${one.metadata.name}` === ref.virtualService,
  );
  if (!resource) return undefined;
  const match = matchIndex < 0 ? [] : [source ? 'matches' : 'match', matchIndex];
  const at = read.positionOf(resource, ['spec', source ? 'rules' : section, ruleIndex, ...match]);
  return at && `${at.file}:${at.line}`;
}

function requestOf(context: Context): AskedRequest {
  const [first = '', second] = context.args;
  const [method, address] = second === undefined ? ['GET', first] : [first, second];
  const url = /^(?:(https?):\/\/)?([^/?#]+)([^#]*)/.exec(address);
  if (!url || address.startsWith('/'))
    throw usageError(`"${address}" is no URL`, 'for example: http://www.sdc.com/test');
  const [, scheme, host, path] = url as unknown as [string, string | undefined, string, string];
  const headers: Record<string, string> = { host };
  for (const given of context.list('header')) {
    const colon = given.indexOf(':');
    if (colon < 1) throw usageError(`"${given}" is no header`, "write it as 'user-agent: chrome'");
    const name = given.slice(0, colon).trim().toLowerCase();
    const value = given.slice(colon + 1).trim();
    headers[name] = name in headers && name !== 'host' ? `${headers[name]},${value}` : value;
  }
  return {
    method,
    path: path.startsWith('/') ? path : `/${path}`,
    headers,
    ...(scheme === 'https' ? { scheme } : {}),
    whole: true,
  };
}
