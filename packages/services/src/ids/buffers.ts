// The parts of a request that rules look at, made when first asked for. Each character is a byte.

import { lowerCase } from './multi-pattern.ts';
import { normalizeUri } from './normalize-uri.ts';
import type { BufferName } from './rule.ts';

/** A copy of a request, and who sent it to whom. */
export interface ExaminedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly httpVersion: string;
  /** Name, value, name, value… as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceAddress: string;
  /** 0 when it is not known. */
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

export interface Buffers {
  get(name: BufferName): string;
  /** The same with ASCII letters in lower case. */
  lower(name: BufferName): string;
}

export function createBuffers(request: ExaminedRequest): Buffers {
  const made = new Map<BufferName, string>();
  const lowered = new Map<BufferName, string>();
  const get = (name: BufferName): string => {
    let text = made.get(name);
    if (text === undefined) made.set(name, (text = make(name)));
    return text;
  };
  const make = (name: BufferName): string => {
    const { rawHeaders } = request;
    switch (name) {
      case 'method':
        return request.method;
      case 'version':
        return `HTTP/${request.httpVersion}`;
      case 'rawUri':
        return request.target;
      case 'uri':
        return normalizeUri(request.target);
      case 'requestLine':
        return `${request.method} ${request.target} HTTP/${request.httpVersion}`;
      case 'header':
        return headerLines(rawHeaders, (field) => field !== 'cookie');
      case 'cookie':
        return values(rawHeaders, 'cookie');
      case 'clientBody':
        return request.body.toString('latin1');
      case 'pkt':
        return `${get('requestLine')}\r\n${headerLines(rawHeaders, () => true)}\r\n${get('clientBody')}`;
      default:
        return values(rawHeaders, name.slice('field:'.length));
    }
  };
  return {
    get,
    lower(name) {
      let text = lowered.get(name);
      if (text === undefined) lowered.set(name, (text = lowerCase(get(name))));
      return text;
    },
  };
}

function headerLines(rawHeaders: readonly string[], wanted: (name: string) => boolean): string {
  let text = '';
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (wanted(rawHeaders[at]!.toLowerCase()))
      text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return text;
}

function values(rawHeaders: readonly string[], field: string): string {
  const found: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() === field) found.push(rawHeaders[at + 1]!);
  return found.join(', ');
}
