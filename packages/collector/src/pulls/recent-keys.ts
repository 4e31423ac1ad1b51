/** Remembers the keys that were added or found last: at least `capacity` of them, never more than twice that. */
export interface RecentKeys {
  has(key: string): boolean;
  add(key: string): void;
  delete(key: string): void;
  readonly size: number;
}

export function createRecentKeys(capacity: number): RecentKeys {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has(key) {
      if (young.has(key)) return true;
      if (!old.has(key)) return false;
      this.add(key); // asked for again: it stays
      return true;
    },
    add(key) {
      young.add(key);
      if (young.size >= capacity) {
        old = young;
        young = new Set();
      }
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    get size() {
      return young.size + old.size;
    },
  };
}
