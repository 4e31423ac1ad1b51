import { expect, it } from 'vitest';
import { retryLimit } from './retry-limit.ts';

const limits = {
  connectTimeoutMs: 1,
  idleTimeoutMs: 1,
  maxRequestsPerConnection: 0,
  maxConnections: 1,
  maxPendingRequests: 1,
  maxRequests: 1,
  maxRetries: 7,
};

it('a budget goes by the requests under way, and not below its least number', () => {
  expect(retryLimit({ limits, requests: 1000 })).toBe(7);
  const retryBudget = { percent: 20, minRetryConcurrency: 3 };
  const of = (requests: number) => retryLimit({ limits: { ...limits, retryBudget }, requests });
  expect([0, 2, 15, 19, 25, 1000].map(of)).toEqual([3, 3, 3, 3, 5, 200]);
});
