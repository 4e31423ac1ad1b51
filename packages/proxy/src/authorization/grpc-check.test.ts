import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckAnswer } from './check-request.ts';
import { authorizerSettings, type GrpcSettings } from './extension-provider.ts';
import { grpcVerdictOf } from './grpc-check.ts';
import { messageField, numberField, textField } from '../codec/protobuf.ts';

const settings = authorizerSettings({
  name: 'judge',
  envoyExtAuthzGrpc: { service: 'judge.default.svc.cluster.local', port: 9000 },
}) as GrpcSettings;

const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};
const answer = (message: Buffer, more: Partial<CheckAnswer> = {}): CheckAnswer => ({
  status: 200,
  headers: [['content-type', 'application/grpc']],
  trailers: [['grpc-status', '0']],
  body: framed(message),
  ...more,
});
const header = (name: string, value: string) =>
  messageField(2, messageField(1, textField(1, name), textField(2, value)));
const failed = { kind: 'deny', status: 403, details: 'ext_authz_error' };

describe('grpcVerdictOf', () => {
  it('takes only a whole answer of a call that went well', () => {
    const ok = Buffer.alloc(0);
    expect(grpcVerdictOf(answer(ok), settings)).toMatchObject({ kind: 'allow', unchecked: false });
    const bad: Partial<CheckAnswer>[] = [
      { status: 503 },
      { trailers: [['grpc-status', '14']] },
      { trailers: [] },
      { body: Buffer.alloc(0) },
      { body: framed(ok).subarray(0, 4) },
      { body: Buffer.concat([framed(ok), Buffer.from([0])]) },
      { body: Buffer.from([1, 0, 0, 0, 0]) },
    ];
    for (const one of bad) expect(grpcVerdictOf(answer(ok, one), settings)).toMatchObject(failed);
    // An answer without a body has its status among the headers.
    const bare = { headers: [['grpc-status', '7']] as const, trailers: [], body: ok };
    expect(grpcVerdictOf(answer(ok, bare), settings)).toMatchObject(failed);
  });

  it('lets no header through that could end a line or frame a message', () => {
    const with_ = (name: string, value: string) =>
      grpcVerdictOf(answer(messageField(3, header(name, value))), settings);
    expect(with_('X-User', 'ada')).toMatchObject({ requestHeaders: [['x-user', 'ada', 'set']] });
    for (const name of ['Host', ':path', 'content-length', 'Transfer-Encoding', 'connection'])
      expect(with_(name, '1')).toMatchObject({ kind: 'allow', requestHeaders: [] });
    expect(with_('x-a', 'b\r\nx-c: d')).toMatchObject(failed);
    expect(with_('x a', 'b')).toMatchObject(failed);
  });

  it('has a status of its own for what is none', () => {
    const denied = (code: number) =>
      Buffer.concat([
        messageField(1, numberField(1, 7)),
        messageField(2, messageField(1, numberField(1, code)), textField(3, 'no')),
      ]);
    for (const [code, status] of [
      [401, 401],
      [0, 403],
      [99, 403],
      [1000, 403],
    ] as const)
      expect(grpcVerdictOf(answer(denied(code)), settings)).toMatchObject({
        kind: 'deny',
        status,
        body: Buffer.from('no'),
        details: 'ext_authz_denied',
      });
  });

  it('comes to a verdict on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const { kind } = grpcVerdictOf(answer(Buffer.from(bytes)), settings);
        expect(['allow', 'deny']).toContain(kind);
      }),
    );
  });
});
