// The expected failures of traffic control and of the mesh, in one place.

import { CloverError, formatAge } from '@clover/model';
import type { Finding } from '@clover/traffic';

export function damaged(path: string, why: string, cause?: unknown): CloverError {
  return new CloverError('mesh.damaged', `${path} cannot be used: ${why}`, {
    hint: 'restore the folder `traffic` of the data directory from a backup, or move it away to begin anew',
    cause,
  });
}

export function journalFailed(cause: unknown): CloverError {
  return new CloverError(
    'mesh.journal_failed',
    `the change could not be written: ${(cause as Error).message}`,
    { hint: 'nothing was changed; is the disk full?', status: 507, cause },
  );
}

/** A configuration with errors: what is in force stays. */
export function refused(findings: readonly Finding[], forceable: boolean): CloverError {
  const count = findings.length;
  const hint = findings[0]?.hint;
  return new CloverError(
    'traffic.refused',
    `${count === 1 ? 'an error' : `${count} errors`} in the resources, nothing was changed`,
    {
      status: 422,
      hint: forceable
        ? 'put it right, or take it though references lead nowhere: --force, or "force": true over REST'
        : hint || 'put it right and send it again',
      issues: findings.slice(0, 100).map(({ at, resource, code, message, hint: advice }) => ({
        at: at ? `${at.file}:${at.line}:${at.column}` : resource,
        message: `${code} ${message}${advice ? ` (${advice})` : ''}`,
      })),
    },
  );
}

export function nothingSent(): CloverError {
  return new CloverError('traffic.nothing_sent', 'there is no resource in what was sent', {
    status: 400,
    hint: 'send documents with apiVersion, kind, metadata and spec',
  });
}

export function revisionMoved(wanted: number, current: number): CloverError {
  return new CloverError(
    'traffic.conflict',
    `the configuration has changed meanwhile: it is at revision ${current}, not ${wanted}`,
    { status: 409, hint: 'get it again, and make the change on top of that' },
  );
}

export function noSuchRevision(wanted: number, oldest: number, newest: number): CloverError {
  return new CloverError('traffic.no_such_revision', `there is no revision ${wanted}`, {
    status: 404,
    hint:
      newest === 0 ? 'nothing has been applied yet' : `those from ${oldest} to ${newest} are kept`,
  });
}

export function nothingToUndo(): CloverError {
  return new CloverError('traffic.no_such_revision', 'there is no change to take back', {
    status: 404,
    hint: 'nothing has been applied yet',
  });
}

export function faultIsOver(service: string, revision: number): CloverError {
  return new CloverError(
    'traffic.fault_is_over',
    `the last change is a fault on ${service} that is off: there is nothing to take back`,
    {
      status: 409,
      hint: `faults that are on are ended by \`fault end\`; for the change before it name a revision: \`undo --to N\` (${revision} is in force, \`history\` has them)`,
    },
  );
}

/** For `undo` without a revision: what was tried last changed nothing, so what is meant? */
export function lastRefused(
  refusal: { readonly what: string; readonly atMs: number },
  last: { readonly revision: number; readonly action: string; readonly time: string },
  nowMs: number,
): CloverError {
  return new CloverError(
    'traffic.last_refused',
    `the last ${refusal.what}, ${formatAge(nowMs - refusal.atMs)} ago, was refused and changed nothing: there is nothing of it to take back`,
    {
      status: 409,
      hint: `\`undo ${last.revision}\` takes back the change before it: revision ${last.revision}, ${last.action} ${formatAge(nowMs - Date.parse(last.time))} ago`,
    },
  );
}

/** For `undo` without a revision. */
export function leavesNothing(count: number, revision: number): CloverError {
  return new CloverError(
    'traffic.leaves_nothing',
    `the last change is the one that brought the resources: without it ${count === 1 ? 'the only one is' : `all ${count} are`} gone, nothing was changed`,
    { status: 409, hint: `if that is meant, go back to revision ${revision} by its number` },
  );
}

export function noSuchResource(names: readonly string[], known: string | undefined): CloverError {
  return new CloverError('traffic.not_found', `there is no ${names.join(', ')}`, {
    status: 404,
    hint:
      known === undefined
        ? '`get resources -A` lists those that there are'
        : `did you mean ${known}?`,
  });
}
