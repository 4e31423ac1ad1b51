// What a span speaks, told from the keys of its attributes: http, grpc, db, messaging or nothing.

import type { SpanBatch } from '@clover/model';

export const PROTOCOLS = ['', 'http', 'grpc', 'db', 'messaging'] as const;

const HTTP = 1;
const GRPC = 2;
const DB = 3;
const MESSAGING = 4;

const PROTOCOL_OF_KEY: Readonly<Record<string, number>> = {
  'rpc.grpc.status_code': GRPC,
  'grpc.status_code': GRPC,
  'grpc.path': GRPC,
  'db.system': DB,
  'db.system.name': DB,
  'messaging.system': MESSAGING,
};

/** Per span an index into PROTOCOLS. The most telling attribute wins: messaging, then db, then grpc, then http. */
export function protocolsOf(batch: SpanBatch): Uint8Array {
  const { strings, attributes } = batch;
  const ofKey = new Uint8Array(strings.length);
  let rpcSystem = -1;
  let grpc = -1;
  let any = false;
  for (let id = 0; id < strings.length; id++) {
    const text = strings[id]!;
    const known = PROTOCOL_OF_KEY[text];
    if (known !== undefined) ofKey[id] = known;
    else if (text === 'rpc.system' || text === 'rpc.system.name') rpcSystem = id;
    else if (text === 'grpc') grpc = id;
    else continue;
    any = true;
  }
  const protocols = new Uint8Array(batch.count);
  const method = batch.columns.httpMethod;
  let from = 0;
  for (let row = 0; row < batch.count; row++) {
    let protocol = method[row] !== 0 || batch.httpStatusCodes[row] !== 0 ? HTTP : 0;
    const to = attributes.ends[row]!;
    if (any) {
      for (let at = from; at < to; at++) {
        const key = attributes.keys[at]!;
        const known = key === rpcSystem && attributes.values[at] === grpc ? GRPC : ofKey[key]!;
        if (known > protocol) protocol = known;
      }
    }
    from = to;
    protocols[row] = protocol;
  }
  return protocols;
}
