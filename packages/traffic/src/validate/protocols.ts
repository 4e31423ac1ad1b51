// Protocols of ports, as Istio knows them.

import { nearest } from '@clover/model';
import type { Said } from './say.ts';

const PROTOCOLS = [
  'HTTP',
  'HTTP2',
  'HTTPS',
  'GRPC',
  'GRPC-Web',
  'TCP',
  'TLS',
  'Mongo',
  'Redis',
  'MySQL',
  'UDP',
  'HTTP_PROXY',
];
const KNOWN = new Set(PROTOCOLS.map((one) => one.toUpperCase()));

export function protocol(text: string): Said | undefined {
  if (KNOWN.has(text.toUpperCase())) return undefined;
  const close = nearest(text, PROTOCOLS);
  return {
    code: 'value',
    message: `${JSON.stringify(text)} is no protocol`,
    hint: close ? `did you mean ${close}?` : `known: ${PROTOCOLS.join(', ')}`,
  };
}
