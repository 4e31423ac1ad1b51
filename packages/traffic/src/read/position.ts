// Where a field stands in its file.

import { isMap, isScalar, type Document, type LineCounter } from 'yaml';
import type { Position } from '../finding.ts';
import type { FieldPath } from './check-fields.ts';

/** A document of a file. */
export interface Place {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** The key of a field where there is one (that is where people look), else its value; the nearest parent's for what is not there. */
export function positionIn(place: Place, path: FieldPath): Position | undefined {
  let node: unknown = place.document.contents;
  let offset = rangeStart(node);
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
  return offset === undefined ? undefined : positionAt(place, offset);
}

export function positionAt(place: Pick<Place, 'file' | 'lines'>, offset: number): Position {
  const { line, col } = place.lines.linePos(offset);
  return { file: place.file, line, column: col };
}

function rangeStart(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] } | null)?.range?.[0];
}
