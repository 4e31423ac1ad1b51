// YAML files to resources whose every field knows its place. A document that cannot be used gives
// findings and nothing else: resources are whole or not there.

import { isMap, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { Finding, Position } from '../finding.ts';
import { CRD_SCHEMAS, GATEWAY_API_SCHEMAS } from '../gen/crd-schemas.ts';
import { GATEWAY_API_GROUP } from '../gateway-api/with-gateway-api.ts';
import type { Resource } from '../resource.ts';
import { checkFields, type FieldPath } from './check-fields.ts';
import type { FieldSchema } from './field-schema.ts';
import { SECURITY_SCHEMAS } from './security-schemas.ts';

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface ReadResult {
  readonly resources: readonly Resource[];
  readonly findings: readonly Finding[];
  /** Place of a field; of its nearest parent when it is not in the file. */
  positionOf(resource: Resource, path: FieldPath): Position | undefined;
}

const API_GROUPS: Readonly<
  Record<string, { schemas: Readonly<Record<string, FieldSchema>>; versions: ReadonlySet<string> }>
> = {
  'networking.istio.io': {
    schemas: CRD_SCHEMAS,
    versions: new Set(['v1', 'v1beta1', 'v1alpha3']),
  },
  [GATEWAY_API_GROUP]: { schemas: GATEWAY_API_SCHEMAS, versions: new Set(['v1', 'v1beta1']) },
  'security.istio.io': { schemas: SECURITY_SCHEMAS, versions: new Set(['v1', 'v1beta1']) },
};

interface Place {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * Reads YAML (several documents a file, `kind: List` unfolded). Kinds of other API groups are passed over with an
 * info; a resource with an error among its fields is left out.
 * @param namespace for resources that name none; `default` when absent
 */
export function readResources(files: readonly SourceFile[], namespace = 'default'): ReadResult {
  const resources: Resource[] = [];
  const findings: Finding[] = [];
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
      const value: unknown = document.toJS();
      if (value === null || value === undefined) continue;
      const unfolded = isList(value)
        ? value.items.map((one, index) => [one, ['items', index]] as const)
        : [[value, []] as const];
      for (const [one, path] of unfolded) {
        const read = readOne(one, place, path, namespace);
        findings.push(...read.findings);
        if (!read.resource) continue;
        resources.push(read.resource);
        places.set(read.resource, { place, path });
      }
    }
  }
  return {
    resources,
    findings,
    positionOf(resource, path) {
      const found = places.get(resource);
      return found && positionIn(found.place, [...found.path, ...path]);
    },
  };
}

function isList(value: unknown): value is { items: unknown[] } {
  const list = value as { kind?: unknown; items?: unknown };
  return list.kind === 'List' && Array.isArray(list.items);
}

function readOne(
  value: unknown,
  place: Place,
  path: FieldPath,
  namespace: string,
): { resource?: Resource; findings: Finding[] } {
  const finding = (
    code: string,
    severity: Finding['severity'],
    message: string,
    hint: string,
    field: FieldPath,
  ): Finding => ({
    code,
    severity,
    message,
    hint,
    resource: '',
    field: formatPath(field),
    at: positionIn(place, [...path, ...field]),
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      findings: [
        finding(
          'CLV101',
          'error',
          'this document is not a resource',
          'a resource has apiVersion, kind, metadata and spec',
          [],
        ),
      ],
    };
  }
  const raw = value as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: Record<string, unknown>;
    spec?: unknown;
  };
  const apiVersion = String(raw.apiVersion ?? '');
  const writtenKind = String(raw.kind ?? '');
  const [group, version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  if (group === '' && writtenKind === 'Service') return readService(raw, namespace);
  const known = API_GROUPS[group ?? ''];
  const schema = known?.schemas[writtenKind];
  if (!known || !schema) {
    return {
      findings: [
        finding(
          'CLV102',
          'info',
          `${writtenKind || 'a document'} (${apiVersion || 'no apiVersion'}) does not decide about traffic here and was passed over`,
          '',
          ['kind'],
        ),
      ],
    };
  }
  if (!known.versions.has(version)) {
    return {
      findings: [
        finding('CLV103', 'error', `apiVersion ${apiVersion} is not known`, `write ${group}/v1`, [
          'apiVersion',
        ]),
      ],
    };
  }
  // Istio's Gateway bears the same name as Gateway API's.
  const kubernetes = group === GATEWAY_API_GROUP && writtenKind === 'Gateway';
  const kind = kubernetes ? 'KubernetesGateway' : writtenKind;
  const name = raw.metadata?.['name'];
  if (typeof name !== 'string' || name === '') {
    return {
      findings: [finding('CLV104', 'error', `this ${kind} has no metadata.name`, '', ['metadata'])],
    };
  }
  const spec = raw.spec ?? {};
  const metadata = {
    ...raw.metadata,
    name,
    namespace: String(raw.metadata?.['namespace'] ?? namespace),
  };
  const label = `${kind} ${metadata.namespace}/${name}`;
  const findings = checkFields(spec, schema, ['spec']).map((one) => ({
    ...finding(one.code, 'error', one.message, one.hint, one.path),
    resource: label,
  }));
  if (findings.length > 0) return { findings };
  return { resource: { apiVersion, kind, metadata, spec } as unknown as Resource, findings };
}

function readService(
  raw: { metadata?: Record<string, unknown>; spec?: unknown },
  namespace: string,
): { resource: Resource; findings: Finding[] } {
  const metadata = {
    ...raw.metadata,
    name: String(raw.metadata?.['name'] ?? ''),
    namespace: String(raw.metadata?.['namespace'] ?? namespace),
  };
  return {
    resource: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: raw.spec ?? {},
    } as unknown as Resource,
    findings: [],
  };
}

function syntaxFinding(place: Place, error: { message: string; pos: [number, number] }): Finding {
  const { line, col } = place.lines.linePos(error.pos[0]);
  return {
    code: 'CLV100',
    severity: 'error',
    message: `not YAML: ${error.message}`,
    hint: '',
    resource: '',
    field: '',
    at: { file: place.file, line, column: col },
  };
}

/** The key of a field where there is one (that is where people look), else its value. */
function positionIn(place: Place, path: FieldPath): Position | undefined {
  let offset: number | undefined;
  let node: unknown = place.document.contents;
  offset = rangeStart(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (one) => isScalar(one.key) && String(one.key.value) === String(step),
      );
      if (!pair) break;
      offset = rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else {
      const item: unknown = (node as { items?: unknown[] } | null)?.items?.[Number(step)];
      if (item === undefined) break;
      offset = rangeStart(item) ?? offset;
      node = item;
    }
  }
  if (offset === undefined) return undefined;
  const { line, col } = place.lines.linePos(offset);
  return { file: place.file, line, column: col };
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | null)?.range?.[0];
}

/** `spec.http[0].match[1].uri` */
export function formatPath(path: FieldPath): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}
