import { CloverError, TraceDetail, TracesAnswer, TracesQuery } from '@clover/model';
import * as ask from '@clover/store';
import { analysis, type Endpoint } from './endpoint.ts';

export const traceEndpoints: readonly Endpoint[] = [
  analysis(
    '/traces',
    'Search traces',
    { tag: 'traces', query: TracesQuery, answer: TracesAnswer },
    (store, scope, query) => ask.searchTraces(store, scope, query),
  ),
  {
    method: 'GET',
    path: '/traces/:id',
    summary: 'One trace: its spans, critical path and self times',
    tag: 'traces',
    answer: TraceDetail,
    async run({ params }, { store }) {
      const id = traceIdOf(params['id'] ?? '');
      const found = await ask.traceDetail(store, id);
      if (found) return found;
      throw new CloverError('api.no_trace', `there is no trace ${id}`, {
        hint: 'it may have passed its retention, or never arrived',
        status: 404,
      });
    },
  },
];

/** 32 lower-case hex digits; a 64-bit id is padded. Throws CloverError `api.bad_trace_id`. */
export function traceIdOf(text: string): string {
  if (/^[0-9a-fA-F]{1,32}$/.test(text)) return text.toLowerCase().padStart(32, '0');
  throw new CloverError('api.bad_trace_id', `"${text.slice(0, 80)}" is not a trace id`, {
    hint: 'a trace id is up to 32 hex digits',
    status: 400,
  });
}
