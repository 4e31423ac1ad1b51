// From trace ids to the few granules that hold them: the index names the buckets, the sorting key the rest.
import { CloverError } from '@clover/model';
import type { QueryParams } from './query-params.ts';

/** Condition on `spans` for whole traces, wherever they lie in time. `ids` are 32 hex digits. */
export function tracesCondition(ids: readonly string[], params: QueryParams): string {
  const list = params.bind(ids, 'Array(String)');
  const id = (text: string) => `toFixedString(unhex(${text}), 16)`;
  return `bucket IN (
      SELECT bucket FROM trace_index WHERE trace_hash IN (
        SELECT toUInt32(bitAnd(cityHash64(${id(`arrayJoin(${list})`)}), 4294967295)))
    ) AND trace_id IN (SELECT ${id(`arrayJoin(${list})`)})`;
}

/** A trace id as 32 lower-case hex digits; shorter ones are padded. Throws CloverError `trace.bad_id`. */
export function normalTraceId(text: string): string {
  const id = text.trim().toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(id)) {
    throw new CloverError('trace.bad_id', `"${text}" is not a trace id`, {
      hint: 'a trace id has up to 32 hexadecimal digits',
      status: 400,
    });
  }
  return id.padStart(32, '0');
}
