// What an authorizer makes of headers, in the words of Envoy's HeaderValueOption.

import type { HeaderList } from '../codec/header-list.ts';

export type HeaderAction = 'set' | 'add' | 'addIfAbsent' | 'setIfThere' | 'joinIfThere';
/** Names in lower case. */
export type HeaderChange = readonly [name: string, value: string, action?: HeaderAction];

/** @param otherwise the action of changes that name none */
export function changeHeaders(
  headers: HeaderList,
  changes: readonly HeaderChange[],
  otherwise: HeaderAction,
): void {
  for (const [name, value, action = otherwise] of changes) {
    if (action === 'add') headers.add(name, value);
    else if (action === 'set') headers.set(name, value);
    else if (action === 'addIfAbsent') headers.setDefault(name, value);
    else if (headers.has(name)) {
      const joined = action === 'joinIfThere' ? `${headers.getAll(name)},${value}` : value;
      headers.set(name, joined);
    }
  }
}

/** Of one connection only, or set anew for the next: no authorizer says anything about these. */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
