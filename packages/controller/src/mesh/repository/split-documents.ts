// Files of YAML to one text a resource, comments kept, so that each can be kept and shown by itself.

import { isMap, parseAllDocuments, stringify, type Document } from 'yaml';
import type { SourceFile } from '@clover/traffic';
import type { EntryName } from './entry.ts';

export interface DocumentText extends EntryName {
  readonly text: string;
}

/** Every document that has a kind and a name, `kind: List` unfolded. A resource without a namespace gets this one, in its text too unless that is `default`. */
export function splitDocuments(files: readonly SourceFile[], namespace: string): DocumentText[] {
  return files.flatMap((file) => {
    let start = 0;
    return parseAllDocuments(file.text, { prettyErrors: false }).flatMap((one): DocumentText[] => {
      const document = one as Document.Parsed;
      // A comment over the first document stands outside of its range.
      const source = file.text.slice(start, document.range[2]);
      start = document.range[2];
      if (document.errors.length > 0) return [];
      const value: unknown = document.toJS();
      if (isList(value))
        return value.items.flatMap((item) => nameOf(item, namespace, () => stringify(item)));
      return nameOf(value, namespace, (missing) => textOf(document, source, missing));
    });
  });
}

function isList(value: unknown): value is { items: unknown[] } {
  const list = value as { kind?: unknown; items?: unknown } | null;
  return list?.kind === 'List' && Array.isArray(list.items);
}

interface Raw {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
}

function nameOf(
  value: unknown,
  fallback: string,
  text: (missingNamespace: string | undefined) => string,
): DocumentText[] {
  const { kind, metadata } = (value ?? {}) as Raw;
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string') return [];
  const namespace = String(metadata.namespace ?? fallback);
  const missing = metadata.namespace === undefined && fallback !== 'default' ? fallback : undefined;
  return [{ kind, namespace, name: metadata.name, text: text(missing) }];
}

function textOf(document: Document.Parsed, source: string, namespace: string | undefined): string {
  if (namespace !== undefined) document.setIn(['metadata', 'namespace'], namespace);
  // JSON becomes YAML: it is read by people and compared by lines.
  const { contents } = document;
  if (isMap(contents) && contents.flow === true) return stringify(document.toJS());
  const text =
    namespace === undefined
      ? source
      : document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
  const own = text.replace(/^(%.*\n)*(---[ \t]*\n)?/, '').replace(/\n(\.\.\.|---)[ \t]*\n?$/, '\n');
  return own.endsWith('\n') ? own : `${own}\n`;
}
