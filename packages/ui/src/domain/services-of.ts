/** Services that an answer of the API names, whatever was asked: in `items`, `nodes`, `services`, `pages`. */
export function servicesOf(answer: unknown): string[] {
  const names = new Set<string>();
  collect(answer, names, 0);
  return [...names];
}

const LISTS = ['items', 'nodes', 'services', 'pages', 'spans'] as const;
const NAMES = ['service', 'rootService'] as const;
const DEEPEST = 4;

function collect(value: unknown, names: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const one of value) collect(one, names, depth + 1);
    return;
  }
  const record = value as Record<string, unknown>;
  for (const key of NAMES) {
    const name = record[key];
    if (typeof name === 'string' && name !== '') names.add(name);
  }
  for (const key of LISTS) if (Array.isArray(record[key])) collect(record[key], names, depth);
}
