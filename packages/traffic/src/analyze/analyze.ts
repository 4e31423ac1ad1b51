// All findings on a set of resources: references that lead nowhere, rules that can never apply, and
// settings that do not do what they seem to.

import { compile, type MeshOptions } from '../compile.ts';
import type { Finding, Severity } from '../finding.ts';
import type { FieldPath } from '../read/check-fields.ts';
import { formatPath, type ReadResult } from '../read/read-resources.ts';
import type { Resource } from '../resource.ts';
import { checkAuthorization } from './check-authorization.ts';
import { checkConnections } from './check-connections.ts';
import { checkCredentials, type CredentialOptions } from './check-credentials.ts';
import { checkDelegates } from './check-delegates.ts';
import { checkEnforcement } from './check-enforcement.ts';
import { checkGatewayApi } from './check-gateway-api.ts';
import { checkGateways } from './check-gateways.ts';
import { checkHeaderValues } from './check-header-values.ts';
import { checkMatches } from './check-matches.ts';
import { checkPolicyConflicts } from './check-policy-conflicts.ts';
import { checkReferences } from './check-references.ts';
import { checkRunTime } from './check-run-time.ts';
import { checkReachability } from './check-reachability.ts';
import { checkServiceEntries } from './check-service-entries.ts';

/** Says a finding about a place in a resource. */
export type Report = (
  resource: Resource,
  path: FieldPath,
  finding: { code: string; severity: Severity; message: string; hint?: string },
) => void;

/** Findings of reading and of all checks, by file and line. An empty list means that nothing was found. */
export function analyze(
  read: ReadResult,
  mesh: MeshOptions = {},
  { nowMs = Date.now(), ...credentials }: Partial<CredentialOptions> = {},
): Finding[] {
  const findings: Finding[] = [...read.findings];
  const report: Report = (resource, path, { code, severity, message, hint = '' }) => {
    findings.push({
      code,
      severity,
      message,
      hint,
      resource: `${resource.kind} ${resource.metadata.namespace}/${resource.metadata.name}`,
      field: formatPath(path),
      at: read.positionOf(resource, path),
    });
  };
  const bad = findings.some((one) => one.severity === 'error');
  // What is refused is there all the same: names that lead to it do not lead nowhere.
  const resources = [...read.resources, ...(read.refused ?? [])];
  checkMatches(resources, report);
  checkRunTime(resources, report);
  checkConnections(resources, report);
  checkDelegates(resources, report);
  checkGateways(resources, report);
  checkCredentials(resources, { ...credentials, nowMs }, report);
  checkServiceEntries(resources, report);
  checkEnforcement(resources, report);
  checkAuthorization(resources, report);
  checkHeaderValues(resources, report);
  checkPolicyConflicts(resources, report);
  const table = compile(resources, mesh);
  checkReferences(resources, table, report);
  checkGatewayApi(resources, table, report);
  if (!bad) checkReachability(resources, table, report);
  return findings.toSorted(byPlace);
}

function byPlace(a: Finding, b: Finding): number {
  const file = (a.at?.file ?? '').localeCompare(b.at?.file ?? '');
  return file || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
