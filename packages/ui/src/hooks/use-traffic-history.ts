import { client } from '../api/client.ts';
import { useQuestion } from './use-question.ts';

const BEAT_MS = 20_000;

/** Changes of the traffic rules, newest first; a live event asks again. */
export function useTrafficHistory() {
  return useQuestion({
    queryKey: ['traffic', 'history'],
    queryFn: ({ signal }) => client.trafficHistory({ limit: 100 }, { signal }),
    liveMs: BEAT_MS,
  });
}
