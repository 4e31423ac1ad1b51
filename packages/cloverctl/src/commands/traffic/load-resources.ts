// Resources from files, checked, as the commands that decide need them.

import type { ReadResult, SourceFile } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { readYamlFiles } from './read-files.ts';

export interface LoadedResources {
  readonly files: readonly SourceFile[];
  readonly read: ReadResult;
}

/** Reads what is named, or asks the controller for what is in force when nothing is; a resource that cannot be used is a usage error with its place. */
export async function loadResources(
  context: Context,
  names: readonly string[],
): Promise<LoadedResources> {
  const files =
    names.length === 0 ? await filesInForce(context) : await readYamlFiles(context, names);
  const { readResources } = await import('@clover/traffic');
  const read = readResources(files);
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

/** As one file, because everything that decides begins with files. */
async function filesInForce(context: Context): Promise<SourceFile[]> {
  const { resources } = await context.client.trafficEffective({}, context.call);
  const items = resources.map(({ apiVersion, kind, metadata, spec }) => ({
    apiVersion,
    kind,
    metadata,
    spec,
  }));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1);
  return [{ name: 'in force', text }];
}

/** What `-f` names. Throws `cloverctl.usage` when it names nothing. */
export function filesOf(context: Context): readonly string[] {
  const files = context.list('file');
  if (files.length === 0) throw usageError('name the resources with -f', 'for example: -f mesh/');
  return files;
}
