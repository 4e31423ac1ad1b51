// What can be written at a place of a resource: fields by the schema of its kind, values by the schema and by what there is.

import { RESOURCE_KINDS } from '@clover/model/resource-kinds';
import { yamlPlace, type YamlPath, type YamlPlace } from './yaml-path.ts';

/** What is used here of the JSON schemas that the API gives. */
export interface FieldSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly additionalProperties?: FieldSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly duration?: boolean;
}

/** Names that stand in resources already. */
export interface KnownNames {
  readonly hosts: readonly string[];
  readonly subsets: readonly string[];
  readonly gateways: readonly string[];
}

export interface Proposal {
  readonly label: string;
  readonly detail: string;
  /** What is written in its place. */
  readonly text: string;
}

export interface Proposals {
  readonly from: number;
  readonly proposals: readonly Proposal[];
}

const STRING: FieldSchema = { type: 'string' };
const METADATA: FieldSchema = {
  type: 'object',
  properties: {
    name: STRING,
    namespace: STRING,
    labels: { type: 'object', additionalProperties: STRING },
    annotations: { type: 'object', additionalProperties: STRING },
  },
};

/** Proposals for the offset; none where nothing is known. */
export function completeYaml(
  text: string,
  offset: number,
  kinds: Readonly<Record<string, FieldSchema>>,
  known: KnownNames,
): Proposals {
  const place = yamlPlace(text, offset);
  const begin = Math.max(0, text.lastIndexOf('\n---', offset - 1));
  const kind = /^kind:\s*["']?(\w+)/m.exec(text.slice(begin))?.[1] ?? '';
  const root: FieldSchema = {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: {
        type: 'string',
        enum: ['networking.istio.io/v1', 'gateway.networking.k8s.io/v1', 'v1'],
      },
      kind: { type: 'string', enum: RESOURCE_KINDS.map((one) => one.kind) },
      metadata: METADATA,
      spec: kinds[kind] ?? { type: 'object' },
    },
  };
  const schema = schemaAt(root, place.path);
  const proposals =
    place.role === 'key' ? fields(schema, place) : values(schema, place.path, known);
  return { from: place.from, proposals };
}

function schemaAt(root: FieldSchema, path: YamlPath): FieldSchema | undefined {
  let at: FieldSchema | undefined = root;
  for (const part of path)
    at = part === '[]' ? at?.items : (at?.properties?.[part] ?? at?.additionalProperties);
  return at;
}

function fields(schema: FieldSchema | undefined, place: YamlPlace): Proposal[] {
  const required = new Set(schema?.required);
  const names = Object.keys(schema?.properties ?? {}).filter((name) => !place.siblings.has(name));
  const order = (name: string) => (required.has(name) ? 0 : 1);
  return names
    .toSorted((a, b) => order(a) - order(b))
    .map((name) => {
      const field = schema!.properties![name]!;
      return {
        label: name,
        detail: `${typeOf(field)}${required.has(name) ? ', required' : ''}`,
        text: `${name}:${opening(field, place)}`,
      };
    });
}

function typeOf(field: FieldSchema): string {
  if (field.enum) return field.enum.length > 3 ? 'one of a list' : field.enum.join(' | ');
  if (field.duration) return 'duration';
  return field.type === 'array' ? `list of ${field.items?.type ?? 'any'}` : (field.type ?? '');
}

/** What follows a field's colon: a new line for what it holds, a space for a plain value. */
function opening(field: FieldSchema, place: YamlPlace): string {
  const deeper = `\n${' '.repeat(place.indent + 2)}`;
  if (place.flow) return field.type === 'object' ? ' { ' : field.type === 'array' ? ' [' : ' ';
  if (field.type === 'object') return deeper;
  return field.type === 'array' ? `${deeper}- ` : ' ';
}

function values(
  schema: FieldSchema | undefined,
  path: YamlPath,
  { hosts, subsets, gateways }: KnownNames,
): Proposal[] {
  const of = (list: readonly unknown[], detail: string) =>
    list.map((one) => ({ label: String(one), detail, text: String(one) }));
  if (schema?.enum) return of(schema.enum, '');
  if (schema?.type === 'boolean') return of(['true', 'false'], '');
  const [before, last] = path.slice(-2);
  const name = last === '[]' ? before : last;
  if (name === 'host' || name === 'hosts') return of(hosts, 'host');
  if (name === 'subset') return of(subsets, 'subset');
  if (name === 'gateways') return of([...gateways, 'mesh'], 'gateway');
  return [];
}
