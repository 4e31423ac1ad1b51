import { useEffect, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { LiveContext, type LiveState } from '../hooks/use-live.ts';

/** Holds the page's one stream of live events. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>({ connected: false, tick: undefined });
  useEffect(() => {
    const stop = new AbortController();
    let lost = false;
    void (async () => {
      const events = client.events({
        signal: stop.signal,
        onState: (connection) => {
          const connected = connection === 'open';
          // What failed while the server was away is asked again when it is back.
          if (connected && lost)
            void queries.refetchQueries({
              type: 'active',
              predicate: ({ state: { status } }) => status === 'error',
            });
          lost = !connected && (lost || connection === 'waiting');
          setState((old) => (old.connected === connected ? old : { ...old, connected }));
        },
      });
      for await (const event of events) {
        if (event.type === 'tick') setState({ connected: true, tick: event });
        else if (event.type === 'source') void queries.invalidateQueries({ queryKey: ['sources'] });
        else if (event.type === 'visibility')
          void queries.invalidateQueries({ queryKey: ['visibility'] });
        else if (event.type === 'cleared') void queries.invalidateQueries();
      }
    })().catch(() => undefined); // a refusal for good: the status line says "not connected"
    return () => stop.abort();
  }, [queries]);
  return <LiveContext value={state}>{children}</LiveContext>;
}
