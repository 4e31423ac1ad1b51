// What would be said about files, for an editor that asks at every pause in typing.

import { CloverError, type TrafficValidate, type TrafficValidateAnswer } from '@clover/model';
import { analyze, readResources } from '@clover/traffic';
import { findingAnswer } from './answers.ts';
import type { Mesh } from './mesh.ts';

/** Never fails for what is wrong with the files: that is the answer. */
export async function validate(
  mesh: Mesh,
  { files, namespace, alone }: TrafficValidate,
): Promise<TrafficValidateAnswer> {
  const read = readResources(files, namespace);
  const unreadable = read.findings.filter((one) => one.severity === 'error');
  if (alone || unreadable.length > 0) {
    const findings = alone ? analyze(read) : read.findings;
    return {
      ok: !findings.some((one) => one.severity === 'error'),
      findings: findings.map(findingAnswer),
      changes: [],
    };
  }
  try {
    const { findings, changes, blocked } = await mesh.repository.validate(files, namespace);
    return {
      ok: !blocked,
      findings: findings.map(findingAnswer),
      changes: blocked ? [] : [...changes],
    };
  } catch (error) {
    if (!(error instanceof CloverError) || error.status >= 500) throw error;
    return { ok: false, findings: [findingOf(error)], changes: [] };
  }
}

const findingOf = ({ message, hint = '', issues }: CloverError) => ({
  code: 'CLV190',
  severity: 'error' as const,
  message: issues[0]?.message ?? message,
  hint,
  resource: '',
  field: '',
  at: null,
});
