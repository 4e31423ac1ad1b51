import { lookup } from 'node:dns/promises';
import type { EndpointTable } from '../config.ts';

/** Whether requests to a base URL have somewhere to go: it stands in the table, or its name has an address. */
export async function knownHost(url: string, endpoints: EndpointTable): Promise<boolean> {
  const { host, hostname } = new URL(url);
  if (endpoints[host]) return true;
  return lookup(hostname.replace(/^\[(.*)\]$/, '$1')).then(
    () => true,
    () => false,
  );
}
