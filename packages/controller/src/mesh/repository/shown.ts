// What is shown of what is kept: Secrets without their values. Everything that leaves the repository for
// people (answers, differences, history) goes through here.

import { parseDocument, stringify } from 'yaml';
import { REDACTED, type Resource } from '@clover/traffic';
import type { Entry } from './entry.ts';

const SECRET = 'Secret';
const MAPS = ['data', 'stringData'] as const;
/** In which `kubectl apply` keeps all of a resource, values too. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const HIDDEN = `${REDACTED})`;
const HIDDEN_CHANGED = `${REDACTED}, changed)`;

type Values = Readonly<Record<string, unknown>>;
interface Written {
  readonly apiVersion?: unknown;
  readonly type?: unknown;
  readonly immutable?: unknown;
  readonly metadata?: Values;
  readonly data?: Values | null;
  readonly stringData?: Values | null;
}

/**
 * The text as it was applied; of a Secret its names and no more, comments neither.
 * @param before what it is compared with: values that differ are told apart
 */
export function shownText(entry: Entry, before?: Entry): string {
  if (entry.kind !== SECRET) return entry.text;
  const { apiVersion, type, immutable, metadata = {}, ...maps } = writtenIn(entry);
  const earlier = before && writtenIn(before);
  const shown: Record<string, unknown> = {
    apiVersion,
    kind: SECRET,
    metadata: shownMetadata(metadata),
    ...(type !== undefined && { type }),
    ...(immutable !== undefined && { immutable }),
  };
  for (const field of MAPS) {
    const map = maps[field];
    if (!map) continue;
    shown[field] = hidden(map, (name) => {
      const same = earlier === undefined || earlier[field]?.[name] === map[name];
      return same ? HIDDEN : HIDDEN_CHANGED;
    });
  }
  return stringify(shown);
}

export function shownResource(resource: Resource): Resource {
  if (resource.kind !== SECRET) return resource;
  const { data, stringData, ...spec } = resource.spec;
  return {
    ...resource,
    metadata: shownMetadata(resource.metadata),
    spec: {
      ...spec,
      ...(data && { data: hidden(data, () => HIDDEN) }),
      ...(stringData && { stringData: hidden(stringData, () => HIDDEN) }),
    },
  };
}

const hidden = (map: Values, as: (name: string) => string): Record<string, string> =>
  Object.fromEntries(Object.keys(map).map((name) => [name, as(name)]));

function shownMetadata<Given extends { readonly annotations?: unknown }>(metadata: Given): Given {
  const { annotations } = metadata;
  if (typeof annotations !== 'object' || annotations === null) return metadata;
  const kept = Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED);
  return { ...metadata, annotations: Object.fromEntries(kept) };
}

/** What was applied could be read then; if it cannot be now, nothing of it is shown. */
function writtenIn({ text }: Entry): Written {
  try {
    const value: unknown = parseDocument(text, { prettyErrors: false }).toJS();
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
