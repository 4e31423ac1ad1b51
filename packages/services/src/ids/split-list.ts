/** The items of `[a,[b,c],!d]` on its first level. Throws Error when brackets do not pair or it is empty. */
export function splitList(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let item = '';
  for (const char of text) {
    if (char === '[' && depth++ === 0) continue;
    if (char === ']' && --depth === 0) continue;
    if (depth < 1) throw new Error(`${JSON.stringify(text)}: the brackets do not pair`);
    if (char === ',' && depth === 1) {
      items.push(item.trim());
      item = '';
    } else item += char;
  }
  items.push(item.trim());
  if (depth !== 0) throw new Error(`${JSON.stringify(text)}: the brackets do not pair`);
  if (items.includes('')) throw new Error(`${JSON.stringify(text)}: an item is empty`);
  return items;
}
