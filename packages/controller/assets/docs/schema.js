// A JSON schema as a tree that opens, and an example made from it.

import { h } from './dom.js';

/** @param {object} schema @param {object} root the whole document, for $ref */
export function schemaView(schema, root, depth = 0) {
  const own = resolve(schema, root);
  const list = h('ul.schema');
  for (const [name, part] of fields(own, root)) list.append(row(name, part, own, root, depth));
  return list.childElementCount > 0 ? list : h('p.quiet', {}, typeName(own, root));
}

function row(name, schema, parent, root, depth) {
  const part = resolve(schema, root);
  const inner = fields(part, root);
  const head = [
    h('code.name', {}, name),
    h('span.type', {}, typeName(part, root)),
    parent.properties && !parent.required?.includes(name) && h('span.badge', {}, 'optional'),
    part.default !== undefined && h('span.quiet', {}, `default ${JSON.stringify(part.default)}`),
    part.description && h('span.text', {}, part.description),
  ];
  if (inner.length === 0 || depth > 8) return h('li', {}, h('div.field', {}, ...head));
  return h(
    'li',
    {},
    h(
      'details',
      { open: depth < 1 && inner.length < 12 },
      h('summary.field', {}, ...head),
      schemaView(part, root, depth + 1),
    ),
  );
}

/** Named parts: properties, the items of a list, alternatives, values of a map. */
function fields(schema, root) {
  if (schema.properties) return Object.entries(schema.properties);
  if (schema.items) return fields(resolve(schema.items, root), root);
  const either = schema.oneOf ?? schema.anyOf;
  if (either) {
    const shapes = either.filter((one) => one.type !== 'null');
    if (shapes.length === 1) return fields(resolve(shapes[0], root), root);
    return shapes
      .filter((one) => fields(resolve(one, root), root).length > 0)
      .map((one, i) => [one.properties?.type?.const ?? `either ${i + 1}`, one]);
  }
  const values = schema.additionalProperties;
  return values && typeof values === 'object' && Object.keys(values).length > 0
    ? [['…', values]]
    : [];
}

export function typeName(schema, root) {
  const own = resolve(schema, root);
  if (own.const !== undefined) return JSON.stringify(own.const);
  if (own.enum) return own.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = own.oneOf ?? own.anyOf;
  if (either) return [...new Set(either.map((one) => typeName(one, root)))].join(' | ');
  if (own.type === 'array') return `${own.items ? typeName(own.items, root) : 'any'}[]`;
  if (own.type === 'object') return own.properties ? 'object' : 'map';
  return Array.isArray(own.type) ? own.type.join(' | ') : (own.type ?? 'any');
}

/** What a schema says of itself, or what its only kind of value does. */
export function describe(schema, root) {
  const own = resolve(schema, root);
  const inner = own.items ?? (own.oneOf ?? own.anyOf)?.find((one) => describe(one, root) !== '');
  return own.description ?? (inner ? describe(inner, root) : '');
}

export function resolve(schema, root) {
  const path = schema?.$ref?.slice(2).split('/');
  return path ? path.reduce((at, name) => at[name], root) : (schema ?? {});
}

/** A body to start from: required fields, and optional ones where there are no required. */
export function example(schema, root) {
  const own = resolve(schema, root);
  if (own.default !== undefined) return own.default;
  if (own.enum) return own.enum[0];
  if (own.const !== undefined) return own.const;
  const either = own.oneOf ?? own.anyOf;
  if (either) return example(either[0], root);
  if (own.type === 'array') return own.items ? [example(own.items, root)] : [];
  if (own.type === 'object')
    return Object.fromEntries(
      Object.entries(own.properties ?? {}).map(([name, part]) => [name, example(part, root)]),
    );
  if (own.type === 'integer' || own.type === 'number') return own.minimum ?? 0;
  return own.type === 'boolean' ? false : '';
}
