// Layered left to right. The work is done in a worker; what is asked and answered stands here.

export interface LayoutRequest {
  readonly nodes: readonly {
    readonly id: string;
    readonly width: number;
    readonly height: number;
    /** Nodes of a group stand together. */
    readonly group?: string | undefined;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly weight: number;
  }[];
  /** Layers go down instead, in rows of so many. */
  readonly columns?: number | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres. */
  readonly nodes: Readonly<Record<string, Point>>;
  /** Where edges that pass a layer go through it, by `from→to`, left to right; others have none. */
  readonly edges: Readonly<Record<string, readonly Point[]>>;
  /** Layers go down, and edges from below a service to above the next. */
  readonly down?: boolean;
}

/** What decides about positions: the same shape keeps its places. */
export function shapeOf({ nodes, edges, columns }: LayoutRequest): string {
  return `${columns ?? ''} ${nodes
    .map((one) => `${one.group ?? ''}/${one.id}`)
    .toSorted()
    .join('|')}#${edges
    .map((one) => `${one.from}>${one.to}`)
    .toSorted()
    .join('|')}`;
}
