// What each author tried last and was refused: whoever then wants to undo "the last change" means what never
// came about, and would be surprised by the change before it.

import { CloverError } from '@clover/model';
import { lastRefused } from '../errors.ts';
import type { RevisionHeader } from './journal.ts';

export interface Attempts {
  /** Remembers when `work` is refused; also when it was only to say what would change. */
  watch<Result>(what: string, author: string, work: () => Promise<Result>): Promise<Result>;
  /** Something of this author's was taken. */
  forget(author: string): void;
  /** Throws `traffic.last_refused`. */
  check(author: string, last: RevisionHeader | undefined): void;
}

export function createAttempts(now: () => number): Attempts {
  const refusals = new Map<string, { what: string; atMs: number }>();
  return {
    async watch(what, author, work) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof CloverError) refusals.set(author, { what, atMs: now() });
        throw error;
      }
    },
    forget: (author) => void refusals.delete(author),
    check(author, last) {
      const refusal = refusals.get(author);
      if (refusal && last) throw lastRefused(refusal, last, now());
    },
  };
}
