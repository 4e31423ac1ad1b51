import { CloverError } from '@clover/model/errors';

/** Exit codes, for scripts and CI; `cloverctl help exit-codes` lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  negative: 3,
  noAccess: 4,
  inconclusive: 5,
  interrupted: 130,
} as const;

/** Codes of the failures that cloverctl itself finds; the server's and the client's pass through. */
export const CLOVERCTL_ERRORS = {
  /** The command line is wrong. */
  usage: 'cloverctl.usage',
  /** A file is not there or cannot be read. */
  noFile: 'cloverctl.no_file',
  /** A YAML file is wrong: the issues name file, line and column. */
  badFile: 'cloverctl.bad_file',
  /** A program cannot be started. */
  noProgram: 'cloverctl.no_program',
  /** A program did not come into the mesh in time. */
  notReady: 'cloverctl.not_ready',
  /** No gateway of the mesh listens so. */
  noGateway: 'cloverctl.no_gateway',
  /** Several gateways of the mesh listen so. */
  whichGateway: 'cloverctl.which_gateway',
  /** A question was not answered with yes. */
  notConfirmed: 'cloverctl.not_confirmed',
} as const;

export function usageError(message: string, hint?: string): CloverError {
  return new CloverError(CLOVERCTL_ERRORS.usage, message, {
    status: 400,
    ...(hint === undefined ? {} : { hint }),
  });
}

const USAGE_CODES =
  /^(cloverctl\.(usage|no_file|no_program|bad_file|not_confirmed)|filter\.|time\.|client\.bad_url|api\.(bad|unknown)_parameter)/;

/** The exit code that an error means. */
export function exitCodeOf(error: CloverError): number {
  if (error.status === 401 || error.status === 403) return EXIT.noAccess;
  return USAGE_CODES.test(error.code) ? EXIT.usage : EXIT.failed;
}
