// An authorizer over gRPC, by gRPC's own server, that answers as it is told.

import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** What of envoy/service/auth/v3 is used here, with its numbers. */
const PROTO = `
syntax = "proto3";
message Socket { string address = 2; uint32 port_value = 3; }
message Address { Socket socket_address = 1; }
message Peer { Address address = 1; string service = 2; string principal = 4; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Http {
  string id = 1; string method = 2; map<string, string> headers = 3; string path = 4; string host = 5;
  string scheme = 6; int64 size = 9; string protocol = 10; string body = 11; bytes raw_body = 12;
}
message Request { Timestamp time = 1; Http http = 2; }
message Attributes { Peer source = 1; Peer destination = 2; Request request = 4; }
message CheckRequest { Attributes attributes = 1; }
message Status { int32 code = 1; string message = 2; }
message HttpStatus { int32 code = 1; }
message HeaderValue { string key = 1; string value = 2; }
message BoolValue { bool value = 1; }
message HeaderValueOption { HeaderValue header = 1; BoolValue append = 2; int32 append_action = 3; }
message Denied { HttpStatus status = 1; repeated HeaderValueOption headers = 2; string body = 3; }
message Ok {
  repeated HeaderValueOption headers = 2; repeated string headers_to_remove = 5;
  repeated HeaderValueOption response_headers_to_add = 6;
}
message CheckResponse {
  Status status = 1; Denied denied_response = 2; Ok ok_response = 3; Denied error_response = 5;
}
`;
const { root } = protobuf.parse(PROTO, { keepCase: true });
const REQUEST = root.lookupType('CheckRequest');
const RESPONSE = root.lookupType('CheckResponse');

export interface Peer {
  readonly address: {
    readonly socket_address: { readonly address: string; readonly port_value: number };
  };
  readonly principal: string;
}
export interface Checked {
  readonly source: Peer;
  readonly destination: Peer;
  readonly request: {
    readonly time: { readonly seconds: string };
    readonly http: {
      readonly id: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly path: string;
      readonly host: string;
      readonly scheme: string;
      readonly size: string;
      readonly protocol: string;
      readonly body: string;
      readonly raw_body: string;
    };
  };
}
export interface HeaderOption {
  readonly header: { readonly key: string; readonly value: string };
  readonly append?: { readonly value: boolean };
  readonly append_action?: number;
}
interface Denied {
  readonly status?: { readonly code: number };
  readonly headers?: readonly HeaderOption[];
  readonly body?: string;
}
export interface CheckAnswer {
  readonly status?: { readonly code: number };
  readonly denied_response?: Denied;
  readonly error_response?: Denied;
  readonly ok_response?: {
    readonly headers?: readonly HeaderOption[];
    readonly headers_to_remove?: readonly string[];
    readonly response_headers_to_add?: readonly HeaderOption[];
  };
}

const SERVICE: ServiceDefinition = {
  Check: {
    path: '/envoy.service.auth.v3.Authorization/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: object) => Buffer.from(REQUEST.encode(value).finish()),
    requestDeserialize: (bytes) =>
      REQUEST.toObject(REQUEST.decode(bytes), { longs: String, bytes: String, defaults: true }),
    responseSerialize: (value: object | Buffer) =>
      Buffer.isBuffer(value)
        ? value
        : Buffer.from(RESPONSE.encode(RESPONSE.fromObject(value)).finish()),
    responseDeserialize: (bytes) => RESPONSE.decode(bytes),
  },
};

export interface GrpcAuthorizer {
  readonly port: number;
  /** What it was asked, in order, and with which metadata. */
  readonly seen: (Checked & { readonly metadata: Readonly<Record<string, unknown>> })[];
  close(): void;
}

/** @param judge gives an answer, bytes in its place, a number for gRPC's status of a failed call, or nothing ever */
export async function startGrpcAuthorizer(
  judge: (checked: Checked) => CheckAnswer | Buffer | number | undefined,
): Promise<GrpcAuthorizer> {
  const seen: GrpcAuthorizer['seen'] = [];
  const server = new Server();
  server.addService(SERVICE, {
    Check(
      call: ServerUnaryCall<{ attributes: Checked }, unknown>,
      done: (error: object | null, answer?: unknown) => void,
    ) {
      seen.push({ ...call.request.attributes, metadata: call.metadata.getMap() });
      const answer = judge(call.request.attributes);
      if (typeof answer === 'number') done({ code: answer, details: 'failed' });
      else if (answer !== undefined) done(null, answer);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, seen, close: () => server.forceShutdown() };
}
