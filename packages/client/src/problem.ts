import { CloverError } from '@clover/model/errors';
import type { Problem } from '@clover/model';
import { CLIENT_ERRORS } from './errors.ts';

/** The CloverError of an error response: RFC 9457 `application/problem+json`, or whatever a proxy in between said. */
export async function problemOf(response: Response, url: string): Promise<CloverError> {
  const text = await response.text().catch(() => '');
  const problem = readProblem(text);
  if (problem) return errorOfProblem(problem);
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return new CloverError(
    CLIENT_ERRORS.httpStatus,
    `${new URL(url).host} answered ${response.status}${said === '' ? '' : `: ${said}`}`,
    { hint: hintFor(response.status), status: response.status },
  );
}

/** The CloverError that a problem document tells of. */
export function errorOfProblem(problem: Problem): CloverError {
  return new CloverError(problem.code, problem.detail ?? problem.title, {
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.issues === undefined ? {} : { issues: problem.issues }),
    status: problem.status,
  });
}

function readProblem(text: string): Problem | undefined {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null;
    return typeof value?.code === 'string' && typeof value.title === 'string'
      ? (value as Problem)
      : undefined;
  } catch {
    return undefined;
  }
}

function hintFor(status: number): string {
  if (status === 401) return 'give a token';
  if (status === 403) return 'this token may not do that; ask for one with a higher role';
  if (status === 404) return 'is this address a Clover controller, and as new as this client?';
  return 'look at the controller’s log';
}
