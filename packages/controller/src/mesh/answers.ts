// What is known of traffic and mesh, as the API answers it.

import type {
  FaultSwitch,
  TrafficChangeAnswer,
  TrafficEffectiveAnswer,
  TrafficFinding,
  TrafficHistoryAnswer,
  TrafficHistoryQuery,
  TrafficResource,
  TrafficRevision,
} from '@clover/model';
import { resourceKindOf } from '@clover/model';
import { compile, declaredRules, type Finding } from '@clover/traffic';
import type { z } from 'zod';
import type { Effective } from './effective.ts';
import type { Mesh } from './mesh.ts';
import { describeChange } from './repository/describe-change.ts';
import { FAULT_KIND, type Entry } from './repository/entry.ts';
import type { RevisionHeader } from './repository/journal.ts';
import { readEntry } from './repository/read-entries.ts';
import type { Changed } from './repository/repository.ts';
import type { Revision } from './repository/revision.ts';
import { shownResource, shownText } from './repository/shown.ts';

export const findingAnswer = ({ at, ...finding }: Finding): TrafficFinding => ({
  ...finding,
  at: at ?? null,
});

export const changeAnswer = (changed: Changed, dryRun: boolean): TrafficChangeAnswer => ({
  revision: changed.revision,
  dryRun,
  changes: [...changed.changes],
  findings: changed.findings.map(findingAnswer),
  dataPlane: changed.dataPlane,
});

/** Those that a question means, by kind, namespace and name; `kind` may be any word for it. */
export function resourceAnswers(
  mesh: Mesh,
  query: { kind?: string | undefined; namespace?: string | undefined; name?: string | undefined },
): TrafficResource[] {
  const kind = query.kind === undefined ? undefined : resourceKindOf(query.kind);
  const findings = grouped(mesh.repository.findings());
  const { faults } = mesh.effective();
  return [...mesh.repository.entries.values()]
    .filter(
      (one) =>
        one.kind !== FAULT_KIND &&
        (kind === undefined || one.kind === kind) &&
        (query.namespace === undefined || one.namespace === query.namespace) &&
        (query.name === undefined || one.name === query.name),
    )
    .toSorted(byName)
    .map((one) => {
      const label = `${one.namespace}/${one.name} `;
      const on = faults.filter(({ routes }) => routes.some((rule) => rule.startsWith(label)));
      return resourceAnswer(
        one,
        findings.get(`${one.kind} ${one.namespace}/${one.name}`) ?? [],
        one.kind === 'VirtualService' ? on.map(({ fault }) => faultId(fault)) : [],
      );
    });
}

const byName = (a: Entry, b: Entry): number =>
  a.kind.localeCompare(b.kind) ||
  a.namespace.localeCompare(b.namespace) ||
  a.name.localeCompare(b.name);

function grouped(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const one of findings) {
    const group = groups.get(one.resource);
    if (group) group.push(one);
    else groups.set(one.resource, [one]);
  }
  return groups;
}

function resourceAnswer(
  entry: Entry,
  findings: readonly Finding[],
  faults: string[],
): TrafficResource {
  const { kind, namespace, name, revision, createdAt, changedAt, author } = entry;
  const [resource] = readEntry(entry).resources.map(shownResource);
  return {
    apiVersion: resource?.apiVersion ?? '',
    kind,
    namespace,
    name,
    yaml: shownText(entry),
    metadata: { ...resource?.metadata },
    spec: { ...resource?.spec },
    revision,
    createdAt,
    changedAt,
    changedBy: author,
    findings: findings.map(findingAnswer),
    faults,
  };
}

export function historyAnswer(
  headers: readonly RevisionHeader[],
  query: z.infer<typeof TrafficHistoryQuery>,
): TrafficHistoryAnswer {
  const kind = query.kind === undefined ? undefined : resourceKindOf(query.kind);
  const items = headers
    .toReversed()
    .filter(({ changes }) =>
      changes.some(
        (one) =>
          (kind === undefined || one.kind === kind) &&
          (query.namespace === undefined || one.namespace === query.namespace) &&
          (query.name === undefined || one.name === query.name),
      ),
    )
    .slice(0, query.limit)
    .map(({ revision, time, author, action, reason, changes }) => ({
      revision,
      time,
      author,
      action,
      reason,
      changes: changes.map((change) => ({ ...change, diff: '' })),
    }));
  return {
    revision: headers.at(-1)?.revision ?? 0,
    oldest: headers[0]?.revision ?? 0,
    items,
  };
}

export const revisionAnswer = (one: Revision): TrafficRevision => ({
  ...one,
  changes: one.changes.map(describeChange),
});

export const faultId = ({ namespace, service }: { namespace: string; service: string }): string =>
  `${namespace}/${service}`;

export const faultAnswers = ({ faults }: Effective): FaultSwitch[] =>
  faults.map(({ fault, routes }) => ({ id: faultId(fault), ...fault, routes: [...routes] }));

export function effectiveAnswer(mesh: Mesh): TrafficEffectiveAnswer {
  const { revision, resources, origins } = mesh.effective();
  const table = compile(resources, mesh.settings.options);
  return {
    revision,
    rules: declaredRules(resources).map(({ hosts, destinations, ...rule }) => ({
      ...rule,
      hosts: [...hosts],
      destinations: destinations.map((one) => ({ ...one, port: one.port ?? null })),
    })),
    resources: resources.map((one) => {
      const { apiVersion, kind, metadata, spec } = shownResource(one);
      const origin = origins.get(one) ?? 'applied';
      return { apiVersion, kind, metadata: { ...metadata }, spec: { ...spec }, origin };
    }),
    services: [...table.services.values()].map(({ host, namespace, ports, endpoints }) => ({
      host,
      namespace,
      ports: ports.map(({ number, name, protocol }) => ({ number, name, protocol })),
      endpoints: endpoints.map((one) => ({
        address: one.address ?? '',
        ports: { ...one.ports },
        labels: { ...one.labels },
      })),
    })),
  };
}
