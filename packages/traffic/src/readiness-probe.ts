// Active health checks that a WorkloadEntry or ServiceEntry asks for by an annotation, in the form of a
// WorkloadGroup's probe: `clover/readiness-probe: '{httpGet: {path: /healthz, port: 8080}, periodSeconds: 5}'`.

import { parse } from 'yaml';
import type { Metadata } from './resource.ts';

export const PROBE_ANNOTATION = 'clover/readiness-probe';

export interface ReadinessProbe {
  /** Undefined: a TCP connection is enough. */
  readonly http:
    | {
        readonly path: string;
        readonly host: string;
        readonly headers: Readonly<Record<string, string>>;
      }
    | undefined;
  /** Undefined: the endpoint's own. */
  readonly port: number | undefined;
  readonly initialDelayMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row to be unhealthy. */
  readonly unhealthyThreshold: number;
  /** Successes in a row to be healthy again. */
  readonly healthyThreshold: number;
}

/** Undefined when there is no annotation, or none that can be read: `probeFault` says why. */
export function readinessProbe(metadata: Metadata): ReadinessProbe | undefined {
  const read = readProbe(metadata);
  return typeof read === 'string' ? undefined : read;
}

/** What is wrong with a resource's annotation; undefined when it is sound or not there. */
export function probeFault(metadata: Metadata): string | undefined {
  const read = readProbe(metadata);
  return typeof read === 'string' ? read : undefined;
}

interface Raw {
  readonly httpGet?: {
    readonly path?: unknown;
    readonly port?: unknown;
    readonly host?: unknown;
    readonly scheme?: unknown;
    readonly httpHeaders?: readonly { name: string; value: string }[];
  };
  readonly tcpSocket?: { readonly port?: unknown };
  readonly [field: string]: unknown;
}

function readProbe(metadata: Metadata): ReadinessProbe | string | undefined {
  const text = metadata.annotations?.[PROBE_ANNOTATION];
  if (text === undefined) return undefined;
  let raw: Raw;
  try {
    raw = parse(text) as Raw;
  } catch {
    return 'it is not YAML';
  }
  if (typeof raw !== 'object' || raw === null) return 'it is not a map';
  const { httpGet, tcpSocket } = raw;
  if ((httpGet === undefined) === (tcpSocket === undefined))
    return 'it must have either httpGet or tcpSocket';
  if (httpGet?.scheme !== undefined && httpGet.scheme !== 'HTTP')
    return 'only scheme HTTP can be checked';
  const port = (httpGet ?? tcpSocket)?.port;
  if (port !== undefined && !(Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536))
    return 'its port is not a port';
  const numbers: Record<string, number> = {};
  for (const [field, fallback, least] of FIELDS) {
    const value = raw[field] ?? fallback;
    if (typeof value !== 'number' || value < least)
      return `its ${field} is not a number from ${least}`;
    numbers[field] = value;
  }
  const headers = (httpGet?.httpHeaders ?? []).map(
    (one) => [one.name.toLowerCase(), one.value] as const,
  );
  return {
    http: httpGet && {
      path: String(httpGet.path ?? '/'),
      host: String(httpGet.host ?? ''),
      headers: Object.fromEntries(headers),
    },
    port: port as number | undefined, // checked above
    initialDelayMs: numbers['initialDelaySeconds']! * 1000,
    intervalMs: numbers['periodSeconds']! * 1000,
    timeoutMs: numbers['timeoutSeconds']! * 1000,
    unhealthyThreshold: numbers['failureThreshold']!,
    healthyThreshold: numbers['successThreshold']!,
  };
}

/** Kubernetes' names, defaults and least values. */
const FIELDS = [
  ['initialDelaySeconds', 0, 0],
  ['periodSeconds', 10, 0.1],
  ['timeoutSeconds', 1, 0.01],
  ['failureThreshold', 3, 1],
  ['successThreshold', 1, 1],
] as const;
