// A resource as it is kept: its text, and which change made it so. Fault switches are kept the same way.

export interface EntryName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Entry extends EntryName {
  /** YAML of one document, as it was applied. */
  readonly text: string;
  /** The change that touched it last. */
  readonly revision: number;
  /** RFC 3339 */
  readonly createdAt: string;
  readonly changedAt: string;
  readonly author: string;
}

/** By `entryKey`, never changed in place. */
export type Entries = ReadonlyMap<string, Entry>;

export const entryKey = ({ kind, namespace, name }: EntryName): string =>
  `${kind}/${namespace}/${name}`;

/** Fault switches are no resources: they have lists and verbs of their own. */
export const FAULT_KIND = 'Fault';
