import { ago, full } from '../format/time.ts';

/** When something was there last, RFC 3339: how long ago, exact on hover; a dash for never. */
export function LastSeen({ at }: { readonly at: string | null }) {
  if (at === null) return '–';
  const ms = Date.parse(at);
  return <span title={full(ms)}>{ago(ms, Date.now())}</span>;
}
