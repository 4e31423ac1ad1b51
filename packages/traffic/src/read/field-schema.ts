/** A field of a resource as its CRD describes it. */
export interface FieldSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  /** Of a map: what its values are. */
  readonly additionalProperties?: FieldSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  /** Fields of which only one may stand. */
  readonly atMostOne?: readonly string[];
  /** A duration of at least a millisecond: `1.5s`, `250ms`. */
  readonly duration?: boolean;
}
