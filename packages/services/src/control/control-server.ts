// The gRPC listener of a service's control interface.

import { CloverError } from '@clover/model';
import {
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { controllerDefinition, type Fields } from './service-definition.ts';

/** What a call does; its answer is the reply's message. A CloverError refuses it. */
export type ControlHandler = (fields: Fields) => Promise<string>;

export interface Control {
  /** The package of the interface: `nginx.Controller` or `snort.Controller`. */
  readonly name: 'nginx' | 'snort';
  /** By method; what is not here answers UNIMPLEMENTED. */
  readonly methods: Readonly<Record<string, ControlHandler>>;
}

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

const GRACE_MS = 1000;

/** Calls run one after the other, so that a change sees what the one before made. Rejects when the port is taken. */
export async function createControlServer(
  address: { readonly host: string; readonly port: number },
  control: Control,
): Promise<ControlServer> {
  const server = new Server({ 'grpc.max_receive_message_length': 16 << 20 });
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<string>): Promise<string> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  const methods: UntypedServiceImplementation = Object.fromEntries(
    Object.entries(control.methods).map(([method, handler]) => [
      method,
      unary((fields) => inTurn(() => handler(fields))),
    ]),
  );
  server.addService(controllerDefinition(control.name), methods);
  const port = await new Promise<number>((resolve, reject) => {
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    server.bindAsync(
      `${host}:${address.port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error) reject(bindError(error));
        else resolve(bound);
      },
    );
  });
  return {
    port,
    async close() {
      const late = setTimeout(() => server.forceShutdown(), GRACE_MS);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(late);
    },
  };
}

function unary(handler: ControlHandler): handleUnaryCall<Fields, Fields> {
  return (call, callback) => {
    void (async () => {
      let message: string;
      try {
        message = await handler(call.request);
      } catch (error) {
        callback(serviceError(error));
        return;
      }
      callback(null, { message });
    })();
  };
}

/** Every fault in the details, a line each: a client of 2018 shows no more than those. */
function serviceError(error: unknown): { code: status; details: string } {
  if (!(error instanceof CloverError))
    return {
      code: status.INTERNAL,
      details: error instanceof Error ? error.message : String(error),
    };
  const lines = error.issues.map(({ at, message }) => (at === '' ? message : `${at}: ${message}`));
  return {
    code: error.status === 400 ? status.INVALID_ARGUMENT : status.FAILED_PRECONDITION,
    details: lines.length === 0 ? error.message : lines.join('\n'),
  };
}

/** grpc-js says EADDRINUSE only in the message. */
function bindError(error: Error): Error {
  return /EADDRINUSE/.test(error.message) ? Object.assign(error, { code: 'EADDRINUSE' }) : error;
}
