// Live events of the server: one stream for the whole page.

import { createContext, useContext } from 'react';
import type { LiveEvent } from '@clover/model';

export type Tick = Extract<LiveEvent, { type: 'tick' }>;

export interface LiveState {
  readonly connected: boolean;
  readonly tick: Tick | undefined;
}

export const LiveContext = createContext<LiveState>({ connected: false, tick: undefined });

export function useLive(): LiveState {
  return useContext(LiveContext);
}
