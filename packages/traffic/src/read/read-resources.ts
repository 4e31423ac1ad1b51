// YAML files to resources whose every field knows its place, and which are valid. A document that cannot
// be used gives findings and nothing else: resources are whole or not there.

import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { Finding, Position } from '../finding.ts';
import type { Metadata, Resource } from '../resource.ts';
import { holdsCredential, readSecretSpec } from '../secret/secret-spec.ts';
import { validate } from '../validate/validate.ts';
import { checkFields, type FieldPath } from './check-fields.ts';
import { kindOf } from './kinds.ts';
import { METADATA_SCHEMAS } from './metadata-schema.ts';
import { positionAt, positionIn, type Place } from './position.ts';
import { withoutNulls } from './without-nulls.ts';

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface ReadResult {
  readonly resources: readonly Resource[];
  readonly findings: readonly Finding[];
  /**
   * Those whose fields have the right form and which are not valid, with an error among the findings. Nothing may
   * enforce them; `analyze` looks at them all the same, so that one error does not bring forth or hide others.
   */
  readonly refused?: readonly Resource[];
  /** Place of a field; of its nearest parent when it is not in the file. */
  positionOf(resource: Resource, path: FieldPath): Position | undefined;
}

/**
 * Reads YAML (several documents a file, `kind: List` unfolded). Kinds of other API groups are passed over with an
 * info; a resource with an error among its fields is left out.
 * @param namespace for resources that name none; `default` when absent
 */
export function readResources(files: readonly SourceFile[], namespace = 'default'): ReadResult {
  const resources: Resource[] = [];
  const refused: Resource[] = [];
  const findings: Finding[] = [];
  const names = new Map<string, Position | undefined>();
  const places = new Map<Resource, { place: Place; path: FieldPath }>();
  for (const file of files) {
    const lines = new LineCounter();
    for (const document of parseAllDocuments(file.text, {
      lineCounter: lines,
      prettyErrors: false,
    })) {
      const place: Place = { file: file.name, document: document as Document.Parsed, lines };
      if (document.errors.length > 0) {
        findings.push(...document.errors.map((error) => syntaxFinding(place, error)));
        continue;
      }
      const value = valueOf(place);
      if (value instanceof Error) {
        findings.push(syntaxFinding(place, { message: value.message, pos: [0, 0] }));
        continue;
      }
      if (value === null || value === undefined) continue;
      const unfolded = isList(value)
        ? value.items.map((one, index) => [one, ['items', index]] as const)
        : [[value, []] as const];
      for (const [one, path] of unfolded) {
        const { resource, findings: found } = readOne(one, place, path, namespace);
        if (resource) {
          const twice = nameTwice(resource, names, positionIn(place, [...path, 'metadata']));
          if (twice) found.push(twice);
          places.set(resource, { place, path });
          (found.some(({ severity }) => severity === 'error') ? refused : resources).push(resource);
        }
        findings.push(...found);
      }
    }
  }
  return {
    resources,
    findings,
    refused,
    positionOf(resource, path) {
      const found = places.get(resource);
      return found && positionIn(found.place, [...found.path, ...path]);
    },
  };
}

/** Aliases that would blow up are an error of the file. */
function valueOf({ document }: Place): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return error as Error;
  }
}

function isList(value: unknown): value is { items: unknown[] } {
  const list = value as { kind?: unknown; items?: unknown };
  return list.kind === 'List' && Array.isArray(list.items);
}

/** Resources are told apart by kind and name; of two the second would silently win. */
function nameTwice(
  { kind, metadata }: Resource,
  names: Map<string, Position | undefined>,
  at: Position | undefined,
): Finding | undefined {
  const resource = `${kind} ${metadata.namespace}/${metadata.name}`;
  if (!names.has(resource)) {
    names.set(resource, at);
    return undefined;
  }
  const first = names.get(resource);
  return {
    code: 'CLV105',
    severity: 'error',
    message: `${resource} stands twice${first ? `, first at ${first.file}:${first.line}` : ''}`,
    hint: 'keep one of them, or give it a name of its own',
    resource,
    field: 'metadata.name',
    at,
  };
}

interface Raw {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: unknown;
  readonly spec?: unknown;
}

type Told = Pick<Finding, 'code' | 'severity' | 'message' | 'hint'>;

function readOne(
  value: unknown,
  place: Place,
  path: FieldPath,
  namespace: string,
): { resource?: Resource; findings: Finding[] } {
  const finding = (
    { code, severity, message, hint }: Told,
    field: FieldPath,
    resource = '',
  ): Finding => ({
    code,
    severity,
    message,
    hint,
    resource,
    field: formatPath(field),
    at: positionIn(place, [...path, ...field]),
  });
  const error = (code: string, message: string, hint: string, field: FieldPath) => ({
    findings: [finding({ code, severity: 'error', message, hint }, field)],
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return error(
      'CLV101',
      'this document is not a resource',
      'a resource has apiVersion, kind, metadata and spec',
      [],
    );
  const raw: Raw = value;
  const apiVersion = textOf(raw.apiVersion);
  const known = kindOf(apiVersion, textOf(raw.kind));
  if ('code' in known) return { findings: [finding(known, [known.field])] };
  const { kind, schema } = known;
  if (kind === 'Secret' && !holdsCredential(raw))
    return { findings: [finding(OTHER_SECRET, ['kind'])] };
  const given = (raw.metadata ?? {}) as Partial<Metadata>;
  const { name } = given;
  if (typeof name !== 'string' || name === '')
    return error('CLV104', `this ${kind} has no metadata.name`, 'add metadata: {name: …}', [
      'metadata',
    ]);
  const metadata = { ...given, name, namespace: textOf(given.namespace ?? namespace) };
  const label = `${kind} ${metadata.namespace}/${name}`;
  const read =
    kind === 'Secret'
      ? readSecretSpec(raw)
      : { spec: raw.spec ?? {}, faults: checkFields(raw.spec ?? {}, schema, ['spec']) };
  const faults = [
    ...Object.entries(METADATA_SCHEMAS).flatMap(([field, one]) =>
      field in given ? checkFields(given[field as keyof Metadata], one, ['metadata', field]) : [],
    ),
    ...read.faults,
  ];
  if (faults.length > 0)
    return {
      findings: faults.map((one) => finding({ ...one, severity: 'error' }, one.path, label)),
    };
  // What the schemas allow is what the types say.
  const resource = {
    apiVersion,
    kind,
    metadata,
    spec: kind === 'Secret' ? read.spec : withoutNulls(read.spec, schema),
  } as unknown as Resource;
  return { resource, findings: validate(resource).map((one) => finding(one, one.path, label)) };
}

const OTHER_SECRET: Told = {
  code: 'CLV102',
  severity: 'info',
  message: 'this Secret holds no certificate for a gateway and was passed over',
  hint: '',
};

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);

function syntaxFinding(place: Place, error: { message: string; pos: [number, number] }): Finding {
  return {
    code: 'CLV100',
    severity: 'error',
    message: `not YAML: ${error.message}`,
    hint: '',
    resource: '',
    field: '',
    at: positionAt(place, error.pos[0]),
  };
}

/** `spec.http[0].match[1].uri` */
export function formatPath(path: FieldPath): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}
