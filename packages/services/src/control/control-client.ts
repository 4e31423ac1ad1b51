// The other side of the control interfaces: what the controller and the IDS call.

import { CloverError } from '@clover/model';
import {
  credentials,
  makeGenericClientConstructor,
  status,
  type ServiceError,
} from '@grpc/grpc-js';
import { SERVICES_ERRORS } from '../errors.ts';
import { controllerDefinition, type Fields } from './service-definition.ts';

export interface ControlClient {
  /**
   * Calls a method and gives the reply's message. Throws CloverError `services.bad_setting` (its issues
   * are what the service said), `services.no_such_control` or `services.unreachable`.
   */
  call(method: string, fields: Readonly<Record<string, string | undefined>>): Promise<string>;
  close(): void;
}

type Unary = (
  fields: Fields,
  options: { deadline: number },
  callback: (error: ServiceError | null, reply?: Fields) => void,
) => void;

const TIMEOUT_MS = 10_000;

/** A client of `nginx.Controller` or `snort.Controller` at `host:port`. It connects with the first call. */
export function createControlClient(name: 'nginx' | 'snort', address: string): ControlClient {
  const Client = makeGenericClientConstructor(controllerDefinition(name), `${name}.Controller`);
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0,
  });
  return {
    call: (method, fields) =>
      new Promise((resolve, reject) => {
        const given = Object.fromEntries(
          Object.entries(fields).filter(
            (entry): entry is [string, string] => entry[1] !== undefined,
          ),
        );
        const deadline = Date.now() + TIMEOUT_MS;
        (client[method] as Unary).call(client, given, { deadline }, (error, reply) => {
          if (error) reject(translated(error, `${name}.Controller/${method}`, address));
          else resolve(reply?.['message'] ?? '');
        });
      }),
    close: () => client.close(),
  };
}

function translated(error: ServiceError, method: string, address: string): CloverError {
  const lines = error.details.split('\n');
  if (error.code === status.INVALID_ARGUMENT)
    return new CloverError(SERVICES_ERRORS.badSetting, lines[0]!, {
      status: 400,
      hint: 'nothing was changed',
      issues: lines.map((line) => ({ at: '', message: line })),
      cause: error,
    });
  if (error.code === status.FAILED_PRECONDITION)
    return new CloverError(SERVICES_ERRORS.badSetting, error.details, {
      status: 409,
      cause: error,
    });
  if (error.code === status.UNIMPLEMENTED)
    return new CloverError(SERVICES_ERRORS.notThere, `${address} has no ${method}`, {
      status: 400,
      hint: 'ModifyProxy is the proxy’s, ModifyLB the load balancers’, ModifyServer the servers’',
      cause: error,
    });
  return new CloverError(
    SERVICES_ERRORS.unreachable,
    `no answer from the control interface at ${address}: ${error.details}`,
    { status: 502, hint: 'does the service run?', cause: error },
  );
}
