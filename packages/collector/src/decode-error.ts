/** What is wrong in a request and where; the receivers answer it in their protocol's own words. */
export class MalformedError extends Error {
  /** From the outermost field to the place of the fault: `resource_spans[0].scope_spans[1].spans[7].trace_id`. */
  place = '';
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.name = 'MalformedError';
    this.what = what;
  }

  /** Puts an outer field before the place. Used while the error rises through the decoders. */
  within(field: string): this {
    this.place =
      this.place === '' || this.place.startsWith('[')
        ? field + this.place
        : `${field}.${this.place}`;
    this.message = `${this.place}: ${this.what}`;
    return this;
  }
}
