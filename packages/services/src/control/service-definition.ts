// A .proto file of this package as grpc-js wants it. All messages are flat records of strings.

import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** A message: every field is a string, `''` when it was not given. */
export type Fields = Readonly<Record<string, string>>;

/** The service `Controller` of `proto/NAME.proto`, whose package is NAME. */
export function controllerDefinition(name: 'nginx' | 'snort'): ServiceDefinition {
  const text = readFileSync(new URL(`../../proto/${name}.proto`, import.meta.url), 'utf8');
  const { root } = protobuf.parse(text, { keepCase: true });
  const service = root.lookupService(`${name}.Controller`).resolveAll() as protobuf.Service;
  return Object.fromEntries(
    service.methodsArray.map((method): [string, MethodDefinition<Fields, Fields>] => {
      const request = codec(method.resolvedRequestType!);
      const response = codec(method.resolvedResponseType!);
      return [
        method.name,
        {
          path: `/${name}.Controller/${method.name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: request.encode,
          requestDeserialize: request.decode,
          responseSerialize: response.encode,
          responseDeserialize: response.decode,
        },
      ];
    }),
  );
}

function codec(type: protobuf.Type) {
  return {
    encode: (fields: Fields): Buffer => Buffer.from(type.encode(type.fromObject(fields)).finish()),
    decode: (bytes: Buffer): Fields =>
      type.toObject(type.decode(bytes), { defaults: true }) as Fields,
  };
}
