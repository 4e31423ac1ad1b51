// A random request for a table.

import type { TrafficRequest } from '../../src/index.ts';
import type { Table } from './generate-table.ts';
import type { Random } from './random.ts';
import {
  CALLS,
  GATEWAY_PORT,
  HEADER_NAMES,
  HEADER_VALUES,
  METHODS,
  ORIGINS,
  PATHS,
  PORTS,
  QUERIES,
} from './world.ts';

export interface Asked {
  readonly via: 'gateway' | 'sidecar';
  readonly request: TrafficRequest;
}

export function generateRequest(random: Random, table: Table): Asked {
  const via = random.chance(0.5) ? 'gateway' : 'sidecar';
  const port =
    via === 'gateway'
      ? GATEWAY_PORT
      : random.pick([PORTS[0], PORTS[0], PORTS[0], PORTS[0], PORTS[1]]);
  const suited = table.hosts.filter((one) => one.endsWith('.test') === (via === 'gateway'));
  const known = random.pick(suited.length > 0 ? suited : table.hosts);
  const host = random.chance(0.04) ? 'unknown.test' : spelled(random, known, port);
  const headers: Record<string, string> = { host };
  for (const name of HEADER_NAMES) {
    if (random.chance(0.35)) headers[name.toLowerCase()] = random.pick(HEADER_VALUES);
  }
  let method = random.pick(METHODS);
  if (random.chance(0.15)) {
    headers['origin'] = random.pick(ORIGINS);
    if (random.chance(0.6)) {
      method = 'OPTIONS';
      headers['access-control-request-method'] = 'PUT';
    }
  }
  const calls = table.resources.some((one) => one.kind === 'GRPCRoute');
  const paths = calls && random.chance(0.5) ? CALLS : PATHS;
  const path = random.pick(paths) + random.pick(QUERIES);
  return { via, request: { method, path, headers, port } };
}

/** Hosts come in any case, short or long, and with a port or without. */
function spelled(random: Random, host: string, port: number): string {
  const short = random.chance(0.3) ? host.replace(/\.svc\.cluster\.local$/, '') : host;
  const cased = random.chance(0.1) ? short.toUpperCase() : short;
  return random.chance(0.3) ? `${cased}:${random.pick([port, 80, 8080])}` : cased;
}
