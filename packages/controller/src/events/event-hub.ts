// Live events: numbered, kept for a while, handed to whoever listens.

import type { LiveEvent } from '@clover/model';

export interface NumberedEvent {
  readonly id: number;
  readonly event: LiveEvent;
}

export interface EventHub {
  publish(event: LiveEvent): void;
  /** Events after `lastId` that are still kept, then all new ones. Returns the function that ends it. */
  subscribe(lastId: number | undefined, onEvent: (event: NumberedEvent) => void): () => void;
  /** For parts of this process; they are not among the listeners. */
  observe(onEvent: (event: LiveEvent) => void): void;
  readonly listeners: number;
}

const KEPT = 512;

/** Ids grow across restarts, so that a client of an earlier process never takes old events for new. */
export function createEventHub(firstId: number = Date.now() * 1000): EventHub {
  const kept: NumberedEvent[] = [];
  const listeners = new Set<(event: NumberedEvent) => void>();
  const observers: ((event: LiveEvent) => void)[] = [];
  let next = firstId;
  return {
    publish(event) {
      const numbered = { id: next++, event };
      kept.push(numbered);
      if (kept.length > KEPT) kept.shift();
      for (const listener of listeners) listener(numbered);
      for (const observer of observers) observer(event);
    },
    subscribe(lastId, onEvent) {
      if (lastId !== undefined) for (const one of kept) if (one.id > lastId) onEvent(one);
      listeners.add(onEvent);
      return () => listeners.delete(onEvent);
    },
    observe: (onEvent) => void observers.push(onEvent),
    get listeners() {
      return listeners.size;
    },
  };
}
