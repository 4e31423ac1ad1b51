// The handshake of RFC 6455 §4, where one side speaks HTTP/1.1 and the other HTTP/2, which has none of it.

import { createHash, randomBytes } from 'node:crypto';

export const WEBSOCKET_KEY = 'sec-websocket-key';
export const WEBSOCKET_ACCEPT = 'sec-websocket-accept';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A `Sec-WebSocket-Key` for a client that sent none. */
export const newWebSocketKey = (): string => randomBytes(16).toString('base64');

/** The `Sec-WebSocket-Accept` that a key wants. */
export const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64');
