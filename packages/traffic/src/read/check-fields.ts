// A value against its CRD's schema, strictly: an unknown field is an error, as a mistyped one would
// otherwise do nothing and nobody would know.

import { nearest, parseDurationMs } from '@clover/model';
import type { FieldSchema } from './field-schema.ts';

export type FieldPath = readonly (string | number)[];

export interface FieldFault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly path: FieldPath;
}

/** All faults of a value and what lies in it, in file order. Empty when it is sound. */
export function checkFields(value: unknown, schema: FieldSchema, path: FieldPath): FieldFault[] {
  // A null field counts as not there; in a list there is no such thing.
  if (value === null)
    return schema.nullable || (schema.type === 'object' && typeof path.at(-1) === 'string')
      ? []
      : [fault('CLV112', path, 'is null', typeHint(schema))];
  if (schema['x-kubernetes-int-or-string']) {
    return typeof value === 'number' || typeof value === 'string'
      ? []
      : [fault('CLV112', path, 'is neither a number nor a string', '')];
  }
  switch (schema.type) {
    case 'object':
      return checkObject(value, schema, path);
    case 'array':
      return checkArray(value, schema, path);
    case 'string':
      return checkString(value, schema, path);
    case 'integer':
    case 'number':
      return checkNumber(value, schema, path);
    case 'boolean':
      return typeof value === 'boolean'
        ? []
        : [fault('CLV112', path, `is ${describe(value)}`, 'write true or false, without quotes')];
    default:
      return [];
  }
}

function checkObject(value: unknown, schema: FieldSchema, path: FieldPath): FieldFault[] {
  if (typeof value !== 'object' || Array.isArray(value))
    return [fault('CLV112', path, `is ${describe(value)}`, typeHint(schema))];
  const faults: FieldFault[] = [];
  const entries = Object.entries(value as Record<string, unknown>);
  for (const [name, one] of entries) {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known) faults.push(...checkFields(one, known, [...path, name]));
    else if (schema.properties) faults.push(unknownField(name, schema, path));
  }
  for (const name of schema.required ?? []) {
    if (!entries.some(([key, one]) => key === name && one !== null))
      faults.push(fault('CLV113', path, `has no ${name}`, `add ${name}:`));
  }
  const exclusive = (schema.atMostOne ?? []).filter((name) =>
    entries.some(([key]) => key === name),
  );
  if (exclusive.length > 1) {
    faults.push(
      fault(
        'CLV114',
        path,
        `has ${exclusive.join(' and ')}, of which only one may stand`,
        `keep one of them`,
      ),
    );
  }
  return faults;
}

function unknownField(name: string, schema: FieldSchema, path: FieldPath): FieldFault {
  const names = Object.keys(schema.properties ?? {});
  const close = nearest(name, names);
  const hint = close ? `did you mean ${close}?` : `known here: ${names.join(', ')}`;
  return { code: 'CLV110', message: `unknown field ${name}`, hint, path: [...path, name] };
}

function checkArray(value: unknown, schema: FieldSchema, path: FieldPath): FieldFault[] {
  if (!Array.isArray(value))
    return [
      fault('CLV112', path, `is ${describe(value)}`, 'write a list: start the line with "- "'),
    ];
  const faults = value.flatMap((one, index) =>
    schema.items ? checkFields(one, schema.items, [...path, index]) : [],
  );
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    faults.unshift(
      fault(
        'CLV115',
        path,
        `has ${value.length} items`,
        `at least ${schema.minItems} must stand here`,
      ),
    );
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    faults.unshift(
      fault(
        'CLV115',
        path,
        `has ${value.length} items`,
        `at most ${schema.maxItems} may stand here`,
      ),
    );
  }
  return faults;
}

function checkString(value: unknown, schema: FieldSchema, path: FieldPath): FieldFault[] {
  if (typeof value !== 'string') {
    return [
      fault(
        'CLV112',
        path,
        `is ${describe(value)}, not a text`,
        `put it in quotes: ${JSON.stringify(String(value))}`,
      ),
    ];
  }
  if (schema.enum && !schema.enum.includes(value)) {
    const allowed = schema.enum.map(String);
    const close = nearest(value, allowed);
    return [
      fault(
        'CLV116',
        path,
        `is ${JSON.stringify(value)}`,
        close ? `did you mean ${close}?` : `allowed: ${allowed.join(', ')}`,
      ),
    ];
  }
  if (schema.duration && !isDuration(value)) {
    return [
      fault(
        'CLV117',
        path,
        `is ${JSON.stringify(value)}, which is not a duration of at least 1ms`,
        'write 250ms, 1.5s or 1m',
      ),
    ];
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return [fault('CLV115', path, `has ${value.length} characters`, `at most ${schema.maxLength}`)];
  }
  return [];
}

/** Go's durations as far as Kubernetes takes them: no days, at least a millisecond. */
function isDuration(text: string): boolean {
  try {
    return !/[dw]/.test(text) && parseDurationMs(text) >= 1;
  } catch {
    return false;
  }
}

function checkNumber(value: unknown, schema: FieldSchema, path: FieldPath): FieldFault[] {
  if (typeof value !== 'number' || (schema.type === 'integer' && !Number.isInteger(value))) {
    const hint =
      typeof value === 'string' && Number.isFinite(Number(value))
        ? `write it without quotes: ${value}`
        : '';
    return [
      fault(
        'CLV112',
        path,
        `is ${describe(value)}, not ${schema.type === 'integer' ? 'a whole number' : 'a number'}`,
        hint,
      ),
    ];
  }
  const low = schema.minimum !== undefined && value < schema.minimum;
  const high = schema.maximum !== undefined && value > schema.maximum;
  return low || high
    ? [
        fault(
          'CLV115',
          path,
          `is ${value}`,
          `allowed: ${schema.minimum ?? '-∞'} to ${schema.maximum ?? '∞'}`,
        ),
      ]
    : [];
}

function fault(code: string, path: FieldPath, message: string, hint: string): FieldFault {
  return { code, path, message: `${String(path.at(-1))} ${message}`, hint };
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : JSON.stringify(value);
}

function typeHint(schema: FieldSchema): string {
  return schema.properties ? `fields: ${Object.keys(schema.properties).join(', ')}` : '';
}
