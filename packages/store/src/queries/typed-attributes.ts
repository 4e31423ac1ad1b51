// Attribute values are stored as text; the key catalogue remembers their type.

export interface AttributeTypes {
  readonly span: ReadonlyMap<string, string>;
  readonly resource: ReadonlyMap<string, string>;
}

/** Numbers, booleans and JSON as such where the key has one known type and the text fits it; text otherwise. */
export function typedAttributes(
  attributes: Readonly<Record<string, string>>,
  types: ReadonlyMap<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, text]) => [key, typedValue(text, types.get(key))]),
  );
}

function typedValue(text: string, type: string | undefined): unknown {
  if (type === 'int' || type === 'double') {
    const number = Number(text);
    const exact = type === 'double' || Number.isSafeInteger(number);
    return text !== '' && Number.isFinite(number) && exact ? number : text;
  }
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'json') {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return text;
}
