// A request that meets a match block, for people to try.

import { requestConditions } from '../conditions.ts';
import { resolveHost } from '../host.ts';
import { prepare, type Caller, type TrafficRequest } from '../request.ts';
import type { Gateway, HttpMatch, Resource, StringMatch, VirtualService } from '../resource.ts';

export type Witness = TrafficRequest & { readonly caller: Caller };

/** A request that meets all conditions of the block; undefined when none is found (an unusual regular expression, say). */
export function witnessFor(
  virtualService: VirtualService,
  match: HttpMatch,
  resources: readonly Resource[],
): Witness | undefined {
  const { namespace } = virtualService.metadata;
  const bound = (virtualService.spec.gateways ?? ['mesh']).find((one) => one !== 'mesh');
  const gateway = resources.find(
    (one): one is Gateway =>
      one.kind === 'Gateway' &&
      [one.metadata.name, `${one.metadata.namespace}/${one.metadata.name}`].includes(bound ?? ''),
  );
  const host = resolveHost(virtualService.spec.hosts?.[0] ?? '', namespace).replace(/^\*/, 'any');
  const port = gateway
    ? gateway.spec.servers?.[0]?.port.number
    : resources.map((one) => servicePort(one, host)).find((one) => one !== undefined);
  const caller: Caller = gateway
    ? { via: 'gateway', namespace: gateway.metadata.namespace, labels: gateway.spec.selector ?? {} }
    : {
        via: 'sidecar',
        namespace: match.sourceNamespace ?? namespace,
        labels: match.sourceLabels ?? {},
      };
  const headers: Record<string, string> = { host: sample(match.authority) ?? host };
  for (const [name, one] of Object.entries(match.headers ?? {}))
    headers[name.toLowerCase()] = sample(one ?? undefined) ?? '1';
  const query = Object.entries(match.queryParams ?? {}).map(
    ([name, one]) => `${name}=${sample(one ?? undefined) ?? '1'}`,
  );
  const request = {
    method: sample(match.method) ?? 'GET',
    path: (sample(match.uri) ?? '/') + (query.length > 0 ? `?${query.join('&')}` : ''),
    headers,
    scheme: (sample(match.scheme) === 'https' ? 'https' : 'http') as 'http' | 'https',
    port: match.port ?? port ?? 80,
    caller,
  };
  const prepared = prepare(request);
  return requestConditions(match).every((one) => one.matches(prepared)) ? request : undefined;
}

/** First port of the service that a resource declares under this host name. */
function servicePort(resource: Resource, host: string): number | undefined {
  if (resource.kind === 'ServiceEntry') {
    return resource.spec.hosts?.includes(host) ? resource.spec.ports?.[0]?.number : undefined;
  }
  const { name, namespace } = resource.metadata;
  return resource.kind === 'Service' && resolveHost(name, namespace) === host
    ? resource.spec.ports?.[0]?.port
    : undefined;
}

/** A text that meets a match: itself, the prefix, or the simplest text of a regular expression. */
function sample(match: StringMatch | undefined): string | undefined {
  if (match?.exact !== undefined) return match.exact;
  if (match?.prefix !== undefined) return match.prefix;
  return match?.regex === undefined || match.regex === '*' ? undefined : simplest(match.regex);
}

/** Good for the patterns that people write (classes, groups, alternatives, repetitions); the caller checks the result. */
function simplest(regex: string): string {
  let text = regex.replace(/^\^|\$$/g, '');
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(
      /\((?:\?:|\?P<\w+>)?([^()|]*)(?:\|[^()]*)?\)([*?]|\{0[^}]*\})?/g,
      (_, inner: string, optional: string) => (optional ? '' : inner),
    );
  }
  return text
    .split('|')[0]!
    .replace(/(\[[^\]]*\]|\\.|.)([*?]|\{0[^}]*\})/g, '')
    .replace(/(\[[^\]]*\]|\\.|.)(?:\+|\{\d[^}]*\})/g, '$1')
    .replace(/\[\^[^\]]*\]/g, 'x')
    .replace(/\[\\?(\w)[^\]]*\]/g, '$1')
    .replace(/\\d/g, '1')
    .replace(/\\w/g, 'a')
    .replace(/\\(.)/g, '$1')
    .replace(/\./g, 'x');
}
