// Lines of request files to requests: one JSON object a line (the project's own form, Envoy's JSON
// access log), Envoy's text access log, and recorded spans (OTLP JSON lines, a Jaeger document).

import type { AskedRequest, KnownAnswer } from './asked-request.ts';
import { parseEnvoyCluster } from './envoy-cluster.ts';
import { requestsOfSpans } from './requests-of-spans.ts';

export interface LineRequests {
  readonly requests: readonly AskedRequest[];
  /** Spans and log entries that are not the sending side of a request: nothing is decided there. */
  readonly passedOver: number;
}

/** Requests that a line holds; a text when it cannot be read. An empty line holds none. */
export function requestsOfLine(line: string): LineRequests | string {
  const text = line.trim();
  if (text === '') return { requests: [], passedOver: 0 };
  if (!/^(\{|\[\s*[{\]])/.test(text)) return fromTextLog(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  return requestsOfJson(value);
}

/** As `requestsOfLine`, for what is parsed already. */
export function requestsOfJson(value: unknown): LineRequests | string {
  if (Array.isArray(value)) return joined(value.map(requestsOfJson));
  if (typeof value !== 'object' || value === null) return 'a request is an object';
  const fields = value as Record<string, unknown>;
  if (Array.isArray(fields['cases'])) return joined(fields['cases'].map(requestsOfJson));
  if ('resourceSpans' in fields || 'data' in fields) return requestsOfSpans(fields);
  if (typeof fields['method'] !== 'string' || typeof fields['path'] !== 'string')
    return 'a request has method and path';
  return typeof fields['headers'] === 'object' && fields['headers'] !== null
    ? one(fromOwnForm(fields as unknown as OwnForm))
    : fromJsonLog(fields);
}

function joined(parts: readonly (LineRequests | string)[]): LineRequests | string {
  const wrong = parts.find((part) => typeof part === 'string');
  if (wrong !== undefined) return wrong;
  const good = parts as readonly LineRequests[];
  return {
    requests: good.flatMap((part) => part.requests),
    passedOver: good.reduce((sum, part) => sum + part.passedOver, 0),
  };
}

const one = (request: AskedRequest): LineRequests => ({ requests: [request], passedOver: 0 });

type OwnForm = Omit<AskedRequest, 'whole' | 'via'> & { readonly via?: unknown };

function fromOwnForm({ via, headers, ...rest }: OwnForm): AskedRequest {
  return {
    ...rest,
    headers: lowerCase(headers),
    ...(via === 'gateway' || via === 'sidecar' ? { via } : {}),
    whole: true,
  };
}

function lowerCase(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    lower[name.toLowerCase()] = Array.isArray(value) ? value.join(',') : String(value);
  }
  return lower;
}

/** Istio's JSON access log. */
function fromJsonLog(fields: Readonly<Record<string, unknown>>): LineRequests {
  const text = (name: string) => {
    const value = fields[name];
    return value === undefined || value === null ? '-' : String(value);
  };
  return fromLog({
    method: text('method'),
    path: text('path'),
    status: Number(fields['response_code'] ?? 0),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    authority: text('authority'),
    cluster: text('upstream_cluster'),
    localAddress: text('downstream_local_address'),
  });
}

const FIRST = /^\[[^\]]*\] "(\S+) (\S+) \S+" (\d+) /;

/** Envoy's and Istio's default text formats: what follows the quoted upstream host are cluster and addresses. */
function fromTextLog(line: string): LineRequests | string {
  const first = FIRST.exec(line);
  if (!first) return "neither JSON nor Envoy's access log";
  const quoted = [...line.matchAll(/"([^"]*)"/g)];
  const [, userAgent = '-', requestId = '-', authority = '-'] = quoted
    .slice(-5)
    .map((match) => match[1]!);
  const last = quoted.at(-1)!;
  const [cluster = '-', , localAddress = '-'] = line
    .slice(last.index + last[0].length)
    .trim()
    .split(' ');
  const [, method, path, status] = first as unknown as [string, string, string, string];
  return fromLog({
    method,
    path,
    status: Number(status),
    userAgent,
    requestId,
    authority,
    cluster,
    localAddress,
  });
}

function fromLog(entry: {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly userAgent: string;
  readonly requestId: string;
  readonly authority: string;
  readonly cluster: string;
  readonly localAddress: string;
}): LineRequests {
  const cluster = parseEnvoyCluster(entry.cluster);
  if (cluster?.direction === 'inbound') return { requests: [], passedOver: 1 };
  const headers = Object.fromEntries(
    [
      ['host', entry.authority],
      ['user-agent', entry.userAgent],
      ['x-request-id', entry.requestId],
    ].filter(([, value]) => value !== '-'),
  ) as Record<string, string>;
  const localPort = Number(/:(\d+)$/.exec(entry.localAddress)?.[1] ?? 0);
  const answer: KnownAnswer = {
    status: entry.status,
    ...(cluster ? { destination: cluster } : {}),
  };
  return one({
    method: entry.method,
    path: entry.path,
    headers,
    whole: false,
    ...(localPort > 0 ? { port: localPort } : {}),
    answer,
  });
}
