import { expect, it } from 'vitest';
import { status } from '@grpc/grpc-js';
import { GRPC_STATUSES } from '@clover/model';
import { grpcStatusNumber, httpFromGrpc } from './grpc-status.ts';

it('has the numbers that gRPC has', () => {
  expect(GRPC_STATUSES).toHaveLength(17);
  for (const [number, name] of GRPC_STATUSES.entries()) {
    expect(status[number]).toBe(name);
    expect(grpcStatusNumber(name)).toBe(number);
    expect(httpFromGrpc(number)).toBeGreaterThanOrEqual(200);
  }
});

it('takes names in any case and numbers; what is neither is UNKNOWN', () => {
  expect(['unavailable', '14', 'x', ''].map(grpcStatusNumber)).toEqual([14, 14, 2, 2]);
});
