import { CloverError } from '@clover/model';
import { expect, it } from 'vitest';
import { exitCodeOf, usageError } from './errors.ts';

it.each([
  ['auth.no_token', 401, 4],
  ['auth.role', 403, 4],
  ['filter.bad_filter', 400, 2],
  ['time.bad_duration', 400, 2],
  ['api.bad_parameter', 400, 2],
  ['client.bad_url', 400, 2],
  ['trace.not_found', 404, 1],
  ['client.unreachable', 503, 1],
  ['import.bad_file', 400, 1],
])('%s with status %d is exit code %d', (code, status, exit) => {
  expect(exitCodeOf(new CloverError(code, '', { status }))).toBe(exit);
});

it('a wrong command line is exit code 2', () => expect(exitCodeOf(usageError('no'))).toBe(2));
