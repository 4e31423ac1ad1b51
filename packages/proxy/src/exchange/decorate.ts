// What every answer gets before it goes to the client.

import { changeHeaders } from '../authorization/header-change.ts';
import type { HeaderList } from '../codec/header-list.ts';
import { wireText } from '../codec/wire-text.ts';
import type { ExchangeState } from './exchange-state.ts';
import { httpDate } from './http-date.ts';

export function decorate(exchange: ExchangeState, headers: HeaderList): void {
  const { scope, authorizedHeaders, newCookie } = exchange;
  const cors = exchange.decision?.cors;
  if (cors !== undefined) for (const name in cors) headers.set(name, wireText(cors[name]!));
  if (authorizedHeaders.length > 0) changeHeaders(headers, authorizedHeaders, 'add');
  if (newCookie !== '') headers.add('set-cookie', newCookie);
  if (!headers.has('date')) headers.add('date', httpDate());
  // A program's own name stays on its side of the mesh.
  if (scope.inbound === undefined) headers.set('server', scope.options.serverName);
  else headers.setDefault('server', scope.options.serverName);
}
