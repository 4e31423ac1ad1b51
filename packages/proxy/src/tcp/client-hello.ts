// What a TLS client asks for, read from its first bytes without answering: server name and protocols
// (RFC 8446, 4.1.2 and 5.1; RFC 6066, 3; RFC 7301). It may come in pieces and spread over records.

export type ClientHello =
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  /** Not a TLS handshake, or not a sound one, or more than anyone needs. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'hello';
      /** In lower case; undefined when none was sent. */
      readonly serverName: string | undefined;
      readonly protocols: readonly string[];
    };

const INCOMPLETE: ClientHello = { kind: 'incomplete' };
const NONE: ClientHello = { kind: 'none' };

/** Longest message that is waited for. Envoy's tls inspector has the same. */
export const MAX_HELLO_BYTES = 16 * 1024;
const MAX_RECORD_BYTES = 16 * 1024;

/** Reads the beginning of a connection. Never throws; at most `MAX_HELLO_BYTES` are looked at. */
export function parseClientHello(bytes: Buffer): ClientHello {
  const message = handshakeMessage(bytes);
  if (!Buffer.isBuffer(message)) return message;
  const reader = new Reader(message);
  reader.skip(2 + 32); // legacy version, random
  reader.skip(reader.number(1)); // session id
  reader.skip(reader.number(2)); // cipher suites
  reader.skip(reader.number(1)); // compression methods
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  if (reader.left > 0) {
    const extensions = reader.part(reader.number(2));
    if (reader.left > 0) return NONE;
    while (extensions.left > 0 && !extensions.failed) {
      const type = extensions.number(2);
      const content = extensions.part(extensions.number(2));
      if (type === 0) serverName = readServerName(content);
      else if (type === 16) protocols = readProtocols(content);
      if (content.failed) return NONE;
    }
    if (extensions.failed) return NONE;
  }
  return reader.failed ? NONE : { kind: 'hello', serverName, protocols };
}

/** The ClientHello's body out of its records. */
function handshakeMessage(bytes: Buffer): Buffer | ClientHello {
  const parts: Buffer[] = [];
  let have = 0;
  let wanted = 4;
  for (let at = 0; ;) {
    if (at >= MAX_HELLO_BYTES) return NONE;
    if (bytes.length > at && bytes[at] !== 0x16) return NONE;
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return NONE;
    if (bytes.length < at + 5) return bytes.length >= MAX_HELLO_BYTES ? NONE : INCOMPLETE;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD_BYTES) return NONE;
    const part = bytes.subarray(at + 5, at + 5 + length);
    parts.push(part);
    have += part.length;
    if (wanted === 4 && have >= 4) {
      const head = parts.length === 1 ? part : Buffer.concat(parts);
      if (head[0] !== 1) return NONE;
      wanted = 4 + head.readUIntBE(1, 3);
      if (wanted > MAX_HELLO_BYTES) return NONE;
    }
    if (wanted > 4 && have >= wanted) {
      const whole = parts.length === 1 ? part : Buffer.concat(parts);
      return whole.subarray(4, wanted);
    }
    if (part.length < length) return INCOMPLETE;
    at += 5 + length;
  }
}

function readServerName(content: Reader): string | undefined {
  const list = content.part(content.number(2));
  let name: string | undefined;
  while (list.left > 0 && !list.failed) {
    const type = list.number(1);
    const value = list.text(list.number(2));
    if (type === 0) name ??= value.toLowerCase();
  }
  if (list.failed || content.left > 0 || name === '') content.failed = true;
  return name;
}

function readProtocols(content: Reader): string[] {
  const list = content.part(content.number(2));
  const names: string[] = [];
  while (list.left > 0 && !list.failed) names.push(list.text(list.number(1)));
  if (list.failed || content.left > 0) content.failed = true;
  return names;
}

/** Reads on, and remembers instead of throwing when there was too little. */
class Reader {
  failed = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  number(size: 1 | 2): number {
    const at = this.#take(size);
    return this.failed ? 0 : this.#bytes.readUIntBE(at, size);
  }
  part(length: number): Reader {
    const at = this.#take(length);
    const part = new Reader(this.#bytes.subarray(at, this.failed ? at : at + length));
    part.failed = this.failed;
    return part;
  }
  text(length: number): string {
    const at = this.#take(length);
    return this.failed ? '' : this.#bytes.toString('latin1', at, at + length);
  }
  skip(length: number): void {
    this.#take(length);
  }
  #take(length: number): number {
    const at = this.#at;
    if (length > this.left) this.failed = true;
    else this.#at += length;
    return at;
  }
}
