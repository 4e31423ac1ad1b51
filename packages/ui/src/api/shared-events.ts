// Live events for every tab of the page over one connection: a browser has six a host in HTTP/1.1, and a stream for each
// tab would leave none for the questions. The visible tab that holds the lock reads the stream and hands it on; hidden
// tabs read nothing and go on after the last event they saw when they are looked at again.

import type { LiveEvent } from '@clover/model';
import { client } from './client.ts';

type Message =
  | { readonly kind: 'event'; readonly event: LiveEvent & { readonly id: string } }
  | { readonly kind: 'connection'; readonly connected: boolean }
  | { readonly kind: 'hello' };

interface Listener {
  onEvent(event: LiveEvent): void;
  onConnected(connected: boolean): void;
}

const NAME = 'clover.events';
/** A tab that is left for a moment keeps its stream. */
const LINGER_MS = 10_000;

/** Tells `listener` of the server's events while the tab is visible; ends with the returned function. */
export function followEvents(listener: Listener): () => void {
  // Locks are there on loopback and over TLS; elsewhere each visible tab reads a stream of its own.
  const channel = 'locks' in navigator ? new BroadcastChannel(NAME) : undefined;
  let visit: AbortController | undefined;
  let linger: ReturnType<typeof setTimeout> | undefined;
  let leading = false;
  let connected = false;
  let lastEventId = '';

  const take = (message: Message) => {
    if (message.kind === 'event') {
      lastEventId = message.event.id || lastEventId;
      connected = true;
      listener.onEvent(message.event);
    } else if (message.kind === 'connection') {
      connected = message.connected;
      listener.onConnected(connected);
    }
  };
  const tell = (message: Message) => {
    channel?.postMessage(message);
    take(message);
  };
  const lead = async (signal: AbortSignal) => {
    leading = true;
    try {
      const onState = (state: string) => {
        if (state !== 'connecting' && !signal.aborted)
          tell({ kind: 'connection', connected: state === 'open' });
      };
      for await (const event of client.events({ signal, lastEventId, onState }))
        tell({ kind: 'event', event });
    } catch {
      tell({ kind: 'connection', connected: false }); // a refusal for good
    } finally {
      leading = false;
    }
  };
  const begin = () => {
    clearTimeout(linger);
    if (visit) return;
    visit = new AbortController();
    const { signal } = visit;
    if (!channel) return void lead(signal);
    channel.postMessage({ kind: 'hello' } satisfies Message);
    navigator.locks
      .request(NAME, { signal }, () => (signal.aborted ? undefined : lead(signal)))
      .catch(() => undefined); // given up while waiting: the tab was hidden
  };
  const end = () => {
    visit?.abort();
    visit = undefined;
  };
  const look = () => {
    clearTimeout(linger);
    if (document.visibilityState === 'visible') begin();
    else linger = setTimeout(end, LINGER_MS);
  };
  channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'hello') {
      if (leading) channel.postMessage({ kind: 'connection', connected } satisfies Message);
    } else if (visit && !leading) take(data);
  });
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    clearTimeout(linger);
    end();
    channel?.close();
  };
}
