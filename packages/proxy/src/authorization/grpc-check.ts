// What an authorizer over gRPC is sent and what is made of its answer: `Authorization.Check` of Envoy's
// service/auth/v3/external_auth.proto, as its ext_authz filter has it.

import { isUtf8 } from 'node:buffer';
import type { AuthorizationRequest, Verdict } from './authorization.ts';
import { denied, failedVerdict, type CheckAnswer, type CheckRequest } from './check-request.ts';
import type { GrpcSettings } from './extension-provider.ts';
import { CONNECTION_HEADERS, type HeaderAction, type HeaderChange } from './header-change.ts';
import {
  messageField,
  numberField,
  readMessage,
  textField,
  type Message,
} from '../codec/protobuf.ts';

const PATH = '/envoy.service.auth.v3.Authorization/Check';
/** gRPC's own limit of a timeout. */
const MAX_TIMEOUT_MS = 99_999_999;
const PARTIAL = 'x-envoy-auth-partial-body';

/** All of the request's headers go along, and its trace. */
export function grpcCheckRequest(
  request: AuthorizationRequest,
  settings: GrpcSettings,
): CheckRequest {
  const message = checkMessage(request, settings);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const headers: Record<string, string> = {
    host: settings.host,
    'content-type': 'application/grpc',
    'grpc-timeout': `${Math.min(settings.timeoutMs, MAX_TIMEOUT_MS)}m`,
  };
  for (const [name, value] of request.traceHeaders?.() ?? []) headers[name] = value;
  const body = Buffer.concat([head, message]);
  return { method: 'POST', path: PATH, headers, body, takesTrailers: true };
}

function checkMessage(request: AuthorizationRequest, settings: GrpcSettings): Buffer {
  const { remote = '', local = '', startUnixMs = 0 } = request;
  const principal = request.principal === '' ? '' : `spiffe://${request.principal}`;
  const seconds = Math.floor(startUnixMs / 1000);
  const nanos = Math.round((startUnixMs - seconds * 1000) * 1e6);
  return messageField(
    1,
    messageField(1, addressField(remote), textField(4, principal)),
    messageField(2, addressField(local)),
    messageField(
      4,
      messageField(1, numberField(1, seconds), numberField(2, nanos)),
      messageField(2, ...httpFields(request, settings)),
    ),
  );
}

function addressField(text: string): Buffer {
  const colon = text.lastIndexOf(':');
  if (colon === -1) return Buffer.alloc(0);
  const socket = [
    textField(2, text.slice(0, colon)),
    numberField(3, Number(text.slice(colon + 1))),
  ];
  return messageField(1, messageField(1, ...socket));
}

function httpFields(request: AuthorizationRequest, settings: GrpcSettings): Buffer[] {
  const { method, target, authority, scheme = 'http', protocol = 'HTTP/1.1' } = request;
  const headers = new Map([
    [':authority', authority],
    [':method', method],
    [':path', target],
    [':scheme', scheme],
  ]);
  for (const [name, value] of request.headers()) {
    if (name === PARTIAL) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  const body = settings.bodyBytes > 0 ? request.body?.subarray(0, settings.bodyBytes) : undefined;
  if (body) {
    const whole = request.bodyComplete && body.length === request.body!.length;
    headers.set(PARTIAL, String(!whole));
  }
  return [
    textField(1, utf8(request.header('x-request-id') ?? '')),
    textField(2, method),
    ...[...headers].map(([name, value]) =>
      messageField(3, textField(1, name), textField(2, utf8(value))),
    ),
    textField(4, utf8(target)),
    textField(5, utf8(authority)),
    textField(6, scheme),
    numberField(9, request.body?.length ?? 0),
    textField(10, protocol),
    ...(body ? [settings.packAsBytes ? textField(12, body) : textField(11, sound(body))] : []),
  ];
}

/** Headers are bytes that are written here as Latin-1, and protobuf's texts UTF-8. */
const utf8 = (text: string): Buffer | string =>
  /[\u0080-\uffff]/.test(text) ? sound(Buffer.from(text, 'latin1')) : text;

/**
 * Where spans have U+FFFD in the place of what is no UTF-8, an authorizer sees what Envoy sends it, on which its
 * rules may stand: `!`.
 */
const sound = (bytes: Buffer): Buffer =>
  isUtf8(bytes) ? bytes : Buffer.from(bytes.map((byte) => (byte < 0x80 ? byte : 0x21)));

/** Anything but a whole answer is a failure of the authorizer; so are headers that cannot be sent on. */
export function grpcVerdictOf(answer: CheckAnswer, settings: GrpcSettings): Verdict {
  try {
    return readVerdict(messageOf(answer), settings);
  } catch {
    return failedVerdict(settings);
  }
}

function messageOf({ status, headers, trailers = [], body }: CheckAnswer): Message {
  const code = [...trailers, ...headers].find(([name]) => name === 'grpc-status')?.[1];
  if (status !== 200 || code !== '0') throw new Error('the call failed');
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5)
    throw new Error('there is not one message');
  return readMessage(body.subarray(5));
}

function readVerdict(message: Message, settings: GrpcSettings): Verdict {
  const status = readMessage(message.bytes(1) ?? Buffer.alloc(0));
  if (status.number(1) === 0) {
    const ok = readMessage(message.bytes(3) ?? Buffer.alloc(0));
    return {
      kind: 'allow',
      requestHeaders: changesIn(ok.all(2), requestAction),
      removedHeaders: ok
        .all(5)
        .map((name) => name.toString().toLowerCase())
        .filter(isChangeable),
      responseHeaders: changesIn(ok.all(6), answerAction),
      unchecked: false,
    };
  }
  const failed = message.bytes(5);
  if (failed && settings.failOpen) return failedVerdict(settings);
  const given = failed ?? message.bytes(2);
  const base = failed
    ? denied(settings.statusOnError, 'ext_authz_error')
    : denied(403, 'ext_authz_denied');
  if (!given) return base;
  const answer = readMessage(given);
  const code = readMessage(answer.bytes(1) ?? Buffer.alloc(0)).number(1);
  return {
    ...base,
    ...(code >= 200 && code <= 599 && { status: code }),
    headers: changesIn(answer.all(2), () => 'add'),
    body: answer.bytes(3) ?? Buffer.alloc(0),
  };
}

const ACTIONS: readonly HeaderAction[] = ['add', 'addIfAbsent', 'set', 'setIfThere'];

/** `append_action`, or the old flag `append` where it stands. */
function answerAction(option: Message): HeaderAction {
  const old = option.bytes(2);
  if (old) return readMessage(old).number(1) === 0 ? 'set' : 'add';
  return ACTIONS[option.number(3)] ?? 'set';
}

/** Of requests Envoy looks at the old flag alone: a client's own value never stays beside the authorizer's unasked. */
function requestAction(option: Message): HeaderAction {
  const old = option.bytes(2);
  return old && readMessage(old).number(1) !== 0 ? 'joinIfThere' : 'set';
}

function changesIn(
  options: readonly Buffer[],
  actionOf: (option: Message) => HeaderAction,
): HeaderChange[] {
  return options.flatMap((option): HeaderChange[] => {
    const one = readMessage(option);
    const header = readMessage(one.bytes(1) ?? Buffer.alloc(0));
    const name = (header.bytes(1) ?? '').toString().toLowerCase();
    const value = (header.bytes(2) ?? header.bytes(3) ?? Buffer.alloc(0)).toString('latin1');
    if (!isChangeable(name)) return [];
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || /[\0\r\n]/.test(value))
      throw new Error('a header cannot be sent');
    return [[name, value, actionOf(one)]];
  });
}

/** What makes the request that it is, and what frames it, stays. */
const isChangeable = (name: string): boolean =>
  !name.startsWith(':') && name !== 'host' && !CONNECTION_HEADERS.has(name);
