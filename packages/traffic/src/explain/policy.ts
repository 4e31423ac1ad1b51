// The traffic policy in force for a destination: which blocks of its DestinationRule hold.

import type { RoutingTable } from '../compile.ts';
import { findSubset } from '../destination-rules.ts';
import type { Caller } from '../request.ts';

export interface DestinationPolicy {
  /** `namespace/name` of the DestinationRule. */
  readonly rule: string;
  /** `loadBalancer.simple` to `ROUND_ROBIN`, in the order of the file. */
  readonly settings: readonly (readonly [string, string])[];
}

/**
 * Undefined when no DestinationRule holds. A port's settings take the place of all top-level ones, a
 * subset's take the place of block after block.
 */
export function policyOf(
  table: RoutingTable,
  caller: Caller,
  destination: { readonly host: string; readonly subset: string; readonly port: number },
): DestinationPolicy | undefined {
  const rule = table.destinationRule(destination.host, caller.namespace, caller.labels);
  if (!rule) return undefined;
  const top = blocksFor(rule.spec.trafficPolicy, destination.port);
  const own = blocksFor(findSubset(rule, destination.subset)?.trafficPolicy, destination.port);
  return {
    rule: `${rule.metadata.namespace}/${rule.metadata.name}`,
    settings: [...flatten({ ...top, ...own }, '')],
  };
}

type Blocks = Readonly<Record<string, unknown>>;

function blocksFor(policy: Blocks | undefined, port: number): Blocks {
  const { portLevelSettings, ...blocks } = policy ?? {};
  const ports = (portLevelSettings ?? []) as readonly { port?: { number?: number } }[];
  const found = ports.find((one) => one.port?.number === port);
  if (!found) return blocks;
  const { port: _, ...own } = found;
  return own;
}

function* flatten(value: unknown, path: string): Generator<readonly [string, string]> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value))
      yield* flatten(inner, path === '' ? key : `${path}.${key}`);
  } else yield [path, typeof value === 'string' ? value : JSON.stringify(value)];
}
