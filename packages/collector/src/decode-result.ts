import type { SpanRefusal } from './builder.ts';

/** What became of a request's spans. */
export class SpanCounts {
  accepted = 0;
  readonly refused = new Map<SpanRefusal, number>();

  add(refusal: SpanRefusal | undefined): void {
    if (refusal === undefined) this.accepted++;
    else this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
  }

  get refusedTotal(): number {
    let sum = 0;
    for (const count of this.refused.values()) sum += count;
    return sum;
  }

  /** One line for a partial-success answer, empty when nothing was refused. */
  message(): string {
    return [...this.refused].map(([reason, count]) => `${count} × ${MEANING[reason]}`).join('; ');
  }
}

const MEANING: Readonly<Record<SpanRefusal, string>> = {
  invalid_trace_id: 'trace id missing, all zero or malformed',
  invalid_span_id: 'span id missing, all zero or malformed',
  invalid_time: 'start time missing or beyond the year 2106',
};
