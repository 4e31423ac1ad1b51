import { useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { followEvents } from '../api/shared-events.ts';
import { LiveContext, type LiveState } from '../hooks/use-live.ts';

/** A server that is back within this was not away: it was restarted, or the stream changed hands. */
const PATIENCE_MS = 2000;

/** The page's live events, and whether the server is there. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>({
    connected: false,
    lost: false,
    tick: undefined,
  });
  useEffect(() => {
    let away: ReturnType<typeof setTimeout> | undefined;
    let failed = false;
    const stop = followEvents({
      onConnected(connected) {
        clearTimeout(away);
        setState((old) => ({ ...old, connected, lost: old.lost && !connected }));
        if (!connected) {
          failed = true;
          away = setTimeout(() => setState((old) => ({ ...old, lost: true })), PATIENCE_MS);
        } else if (failed) {
          failed = false;
          // What failed while the server was away is asked again now that it is back.
          void queries.refetchQueries({
            type: 'active',
            predicate: ({ state: { status, fetchFailureCount } }) =>
              status === 'error' || fetchFailureCount > 0,
          });
        }
      },
      onEvent(event) {
        if (event.type === 'tick') setState({ connected: true, lost: false, tick: event });
        else if (event.type === 'source') void queries.invalidateQueries({ queryKey: ['sources'] });
        else if (event.type === 'visibility')
          void queries.invalidateQueries({ queryKey: ['visibility'] });
        else if (event.type === 'traffic' || event.type === 'mesh')
          void queries.invalidateQueries({ queryKey: ['traffic'] });
        else if (event.type === 'cleared') void queries.invalidateQueries();
      },
    });
    return () => {
      clearTimeout(away);
      stop();
    };
  }, [queries]);
  return <LiveContext value={state}>{children}</LiveContext>;
}
