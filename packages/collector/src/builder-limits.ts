/** Thrown when a builder has no room; the pipeline takes the request back and retries it in an empty one. */
export class BuilderFullError extends Error {
  readonly limit: 'spans' | 'bytes';
  constructor(limit: 'spans' | 'bytes') {
    super(`the batch is full: too many ${limit}`);
    this.name = 'BuilderFullError';
    this.limit = limit;
  }
}
