import { parse } from 'yaml';

/**
 * A list that travelled as text: JSON, YAML, the way Python writes a list, or words separated by commas
 * or blanks. Undefined when it is none of these.
 */
export function textList(text: string): unknown[] | undefined {
  const trimmed = text.trim();
  if (!/^(\[|- )/.test(trimmed)) return trimmed.split(/[\s,]+/).filter((word) => word !== '');
  try {
    const value: unknown = parse(trimmed, { maxAliasCount: 0 });
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
