// Resources from files, checked, as the commands that decide need them.

import type { ReadResult, Resource, SourceFile } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { readYamlFiles } from './read-files.ts';

export interface LoadedResources {
  readonly files: readonly SourceFile[];
  readonly read: ReadResult;
}

/** Reads what is named, or asks the controller for what is enforced when nothing is; a resource that cannot be used is a usage error with its place. */
export async function loadResources(
  context: Context,
  names: readonly string[],
  namespace?: string,
): Promise<LoadedResources> {
  if (names.length > 0) return resourcesOf(context, await readYamlFiles(context, names), namespace);
  const { resources } = await context.client.trafficEffective({}, context.call);
  return resourcesOf(context, [asFile(resources)]);
}

/** What is in force at the controller, with the workloads that joined, as it was applied: without fault switches. */
export async function loadInForce(context: Context): Promise<LoadedResources> {
  const [applied, enforced] = await Promise.all([
    context.client.trafficResources({}, context.call),
    context.client.trafficEffective({}, context.call),
  ]);
  const joined = enforced.resources.filter(({ origin }) => origin === 'registry');
  return resourcesOf(context, [asFile([...applied.items, ...joined])]);
}

/** Throws `cloverctl.usage` with the place of the first error. */
export async function resourcesOf(
  context: Context,
  files: readonly SourceFile[],
  namespace?: string,
): Promise<LoadedResources> {
  const { readResources } = await import('@clover/traffic');
  const read = readResources(files, namespace);
  const broken = read.findings.find((one) => one.severity === 'error');
  if (broken) {
    const place = broken.at ? `${broken.at.file}:${broken.at.line}:${broken.at.column}: ` : '';
    throw usageError(
      `${place}${broken.message}`,
      broken.hint || `${context.io.programName} analyze shows all faults`,
    );
  }
  return { files, read };
}

/** Everything that decides begins with files. */
function asFile(
  resources: readonly { apiVersion: string; kind: string; metadata: object; spec: object }[],
): SourceFile {
  const items = resources.map(({ apiVersion, kind, metadata, spec }) => ({
    apiVersion,
    kind,
    metadata,
    spec,
  }));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1);
  return { name: 'in force', text };
}

/** What would be in force after an apply of the files: they take the places of those of their names, with `prune` of all. */
export function afterApply(
  inForce: LoadedResources,
  files: LoadedResources,
  prune: boolean,
): LoadedResources {
  if (prune) return files;
  const nameOf = ({ kind, metadata }: Resource) => `${kind} ${metadata.namespace}/${metadata.name}`;
  const given = new Set(files.read.resources.map(nameOf));
  const kept = inForce.read.resources.filter((one) => !given.has(nameOf(one)));
  return {
    files: [...inForce.files, ...files.files],
    read: { ...files.read, resources: [...kept, ...files.read.resources] },
  };
}

/** What `-f` names. Throws `cloverctl.usage` when it names nothing. */
export function filesOf(context: Context): readonly string[] {
  const files = context.list('file');
  if (files.length === 0) throw usageError('name the resources with -f', 'for example: -f mesh/');
  return files;
}
