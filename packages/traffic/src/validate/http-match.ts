// Match blocks of http rules.

import type { FieldPath } from '../read/check-fields.ts';
import type { HttpMatch } from '../resource.ts';
import { dnsLabel, gatewayReference, headerName, podLabels, port } from './names.ts';
import type { Said, Say } from './say.ts';
import { textMatch } from './text-match.ts';

export function checkHttpMatch(match: HttpMatch, path: FieldPath, say: Say): void {
  const found = textMatch(match.uri, { emptyPrefix: true });
  if (found) say([...path, 'uri', found.at], found.said);
  for (const field of ['scheme', 'method', 'authority'] as const) {
    const wrong = textMatch(match[field]);
    if (wrong) say([...path, field, wrong.at], wrong.said);
  }
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, wanted] of Object.entries(match[field] ?? {})) {
      const where = [...path, field, name];
      say(where, matchedHeader(name));
      const wrong = textMatch(wanted, { star: field === 'withoutHeaders' });
      if (wrong) say([...where, wrong.at], wrong.said);
    }
  }
  for (const [name, wanted] of Object.entries(match.queryParams ?? {})) {
    const wrong = textMatch(wanted);
    if (wrong) say([...path, 'queryParams', name, wrong.at], wrong.said);
  }
  checkSource(match, path, say);
  if (match.sourceNamespace)
    say([...path, 'sourceNamespace'], dnsLabel('a namespace', match.sourceNamespace));
}

/** What blocks of all kinds of rules say about who asks. */
export function checkSource(
  match: Pick<HttpMatch, 'port' | 'sourceLabels' | 'gateways'>,
  path: FieldPath,
  say: Say,
): void {
  if (match.port) say([...path, 'port'], port(match.port));
  for (const [key, said] of podLabels(match.sourceLabels))
    say([...path, 'sourceLabels', key], said);
  for (const [index, name] of (match.gateways ?? []).entries())
    say([...path, 'gateways', index], gatewayReference(name));
}

const PSEUDO_HEADERS = new Set([':method', ':scheme', ':authority', ':path', ':status']);

/** `@request.auth.claims.sub` or `@request.auth.claims[sub]` */
export const isClaim = (name: string) => /^@request\.auth\.claims(?:\..+|\[.+\])$/i.test(name);

function matchedHeader(name: string): Said | undefined {
  return PSEUDO_HEADERS.has(name) || isClaim(name) ? undefined : headerName(name);
}
