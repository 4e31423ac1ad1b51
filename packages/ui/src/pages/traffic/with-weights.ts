import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/**
 * The YAML of a VirtualService with other weights on the destinations of `spec.http[rule]`. Only the numbers change;
 * a destination that had none gets a line of its own.
 */
export function withWeights(yaml: string, rule: number, weights: readonly number[]): string {
  const document = parseDocument(yaml);
  const route = document.getIn(['spec', 'http', rule, 'route'], true);
  if (!isSeq(route)) return yaml;
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  weights.forEach((weight, index) => {
    const item = route.items[index];
    if (!isMap(item)) return;
    const old = item.get('weight', true);
    if (isScalar(old) && old.range) {
      if (Number(old.value) !== weight)
        edits.push({ from: old.range[0], to: old.range[1], text: String(weight) });
      return;
    }
    const [first] = item.items;
    const key = first?.key;
    if (!isScalar(key) || !key.range) return;
    const at = key.range[0];
    const column = at - (yaml.lastIndexOf('\n', at - 1) + 1);
    const text = item.flow ? `weight: ${weight}, ` : `weight: ${weight}\n${' '.repeat(column)}`;
    edits.push({ from: at, to: at, text });
  });
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: next }) => text.slice(0, from) + next + text.slice(to), yaml);
}
