// Live events of the server: one stream for all tabs of the page.

import { createContext, useContext } from 'react';
import type { LiveEvent } from '@clover/model';

export type Tick = Extract<LiveEvent, { type: 'tick' }>;

export interface LiveState {
  readonly connected: boolean;
  /** The server has been away for longer than a restart of it takes. */
  readonly lost: boolean;
  readonly tick: Tick | undefined;
}

export const LiveContext = createContext<LiveState>({
  connected: false,
  lost: false,
  tick: undefined,
});

export function useLive(): LiveState {
  return useContext(LiveContext);
}
