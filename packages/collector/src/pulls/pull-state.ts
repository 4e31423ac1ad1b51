/** Where a pull keeps how far it came, so that a restart goes on there; the store's getState and putState fit. */
export interface PullState {
  getState<T>(key: string): Promise<T | undefined>;
  putState(key: string, value: unknown): Promise<void>;
}

/** Keeps it for as long as the process lives. */
export function memoryState(): PullState {
  const values = new Map<string, unknown>();
  return {
    getState: async <T>(key: string) => values.get(key) as T | undefined,
    putState: async (key, value) => void values.set(key, structuredClone(value)),
  };
}
