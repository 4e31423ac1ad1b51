// Which requests and connections would meet something else after an apply, for the API.

import type { TrafficClass, TrafficClasses } from '@clover/model';
import {
  compile,
  diffTables,
  readResources,
  type ConnectionClass,
  type DiffClass,
  type Resource,
  type RuleRef,
  type SourceFile,
} from '@clover/traffic';
import type { Mesh } from './mesh.ts';
import { readEntries } from './repository/read-entries.ts';

/** Without fault switches, which pass. The files were read without errors before. */
export function classesOfChange(
  { repository, effective }: Mesh,
  files: readonly SourceFile[],
  { namespace, prune }: { readonly namespace: string; readonly prune: boolean },
): TrafficClasses {
  const { resources, origins } = effective();
  const registered = resources.filter((one) => origins.get(one) === 'registry');
  const applied = readEntries(repository.entries.values()).resources;
  const sent = readResources(files, namespace).resources;
  const given = new Set(sent.map(nameOf));
  const kept = prune ? [] : applied.filter((one) => !given.has(nameOf(one)));
  const side = (list: readonly Resource[]) => ({ resources: list, table: compile(list) });
  const found = diffTables(
    side([...applied, ...registered]),
    side([...kept, ...sent, ...registered]),
  );
  return {
    items: [...found.classes.map(requestClass), ...found.connections.map(connectionClass)],
    complete: found.complete,
  };
}

const nameOf = ({ kind, metadata }: Resource) => `${kind} ${metadata.namespace}/${metadata.name}`;

const changesOf = ({ changes }: DiffClass | ConnectionClass) =>
  changes.map(({ kind, text }) => ({ kind, text }));

function requestClass(one: DiffClass): TrafficClass {
  const { caller, request } = one.witness;
  const { host = '', ...headers } = request.headers;
  return {
    of: 'requests',
    before: ruleOf(one.before),
    after: ruleOf(one.after),
    changes: changesOf(one),
    witness: {
      via: caller.via,
      namespace: caller.namespace,
      labels: { ...caller.labels },
      port: request.port,
      method: request.method,
      url: `${request.scheme ?? 'http'}://${host}${request.path}`,
      headers,
      sni: request.sni ?? null,
    },
    hosts: [...one.hosts],
    callers: one.callers.length,
  };
}

function connectionClass(one: ConnectionClass): TrafficClass {
  const { caller, connection } = one.witness;
  const { sni, service, destinationIp, port } = connection;
  const host = destinationIp ?? service ?? sni ?? '0.0.0.0';
  return {
    of: 'connections',
    before: ruleOf(one.before),
    after: ruleOf(one.after),
    changes: changesOf(one),
    witness: {
      via: caller.via,
      namespace: caller.namespace,
      labels: { ...caller.labels },
      port,
      method: '',
      url: `${sni === undefined ? 'tcp' : 'tls'}://${host}:${port}`,
      headers: {},
      sni: sni ?? null,
    },
    hosts: service === undefined ? [] : [service],
    callers: one.callers.length,
  };
}

function ruleOf(ref: RuleRef | undefined): TrafficClass['before'] {
  if (ref?.virtualService === undefined) return null;
  const { source, section, ruleIndex, ruleName, virtualService } = ref;
  return {
    kind: source ?? 'VirtualService',
    resource: virtualService,
    section: section ?? 'http',
    ruleIndex,
    ruleName,
  };
}
