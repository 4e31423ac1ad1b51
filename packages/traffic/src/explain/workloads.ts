// Labels of workloads by name, so that people can write `--from NAME`. Deployments and Pods are no
// traffic resources, so they are read here, for their labels alone.

import { parseAllDocuments } from 'yaml';
import type { SourceFile } from '../read/read-resources.ts';
import type { Resource } from '../resource.ts';

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Templated {
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly labels?: Record<string, string> } };
  };
  readonly items?: readonly Templated[];
}

const TEMPLATED = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job']);

/** WorkloadEntries, and the Deployments (and their like) and Pods that stand in the files. Files that are not YAML have none. */
export function findWorkloads(
  files: readonly SourceFile[],
  resources: readonly Resource[],
  namespace = 'default',
): Workload[] {
  const entries = resources.flatMap((one) =>
    one.kind === 'WorkloadEntry'
      ? [{ ...one.metadata, labels: one.spec.labels ?? one.metadata.labels ?? {} }]
      : [],
  );
  const texts = files.filter(({ text }) => /kind:\s*(\w+Set|Deployment|Job|Pod)\b/.test(text));
  const templated = texts.flatMap(({ text }) =>
    parseAllDocuments(text).flatMap((document) => {
      const value = (document.toJS() ?? {}) as Templated;
      return (value.items ?? [value]).flatMap((one) => workloadOf(one, namespace));
    }),
  );
  return [...entries, ...templated];
}

function workloadOf({ kind = '', metadata, spec }: Templated, namespace: string): Workload[] {
  if (metadata?.name === undefined) return [];
  const labels = TEMPLATED.has(kind) ? (spec?.template?.metadata?.labels ?? {}) : metadata.labels;
  if (!TEMPLATED.has(kind) && kind !== 'Pod') return [];
  return [
    {
      name: metadata.name,
      namespace: metadata.namespace ?? namespace,
      labels: labels ?? {},
    },
  ];
}
