import type { GraphEdge } from '@clover/model';
import { client } from '../../api/client.ts';
import { traceWords } from '../../domain/request-line.ts';
import { duration } from '../../format/duration.ts';
import { clockMs } from '../../format/time.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import css from './map.module.css';

const SHOWN = 5;

/** The slowest calls of an edge, and the way to all of them: client-side spans of the caller that name the callee. */
export function EdgeTraces({ edge }: { readonly edge: GraphEdge }) {
  const kept = new URLSearchParams(window.location.search).getAll('filter');
  const filter = [...kept, `peer=${edge.to}`];
  const answer = useAnswer(
    'edge-traces',
    { from: edge.from, to: edge.to },
    (query, signal) =>
      client.traces(
        { ...query, service: edge.from, filter, sort: 'slowest', limit: SHOWN },
        { signal },
      ),
    { liveMs: 10_000 },
  );
  if (!answer.data || answer.isPlaceholderData) return null;
  // Some callers do not say whom they call.
  if (answer.data.items.length === 0) {
    return (
      <p className={css.links}>
        <Link to={pageHref('/traces', { service: edge.to })} className={css.link}>
          Traces of {edge.to}, whoever calls it
        </Link>
      </p>
    );
  }
  const all = (more: Record<string, string> = {}) =>
    pageHref('/traces', { service: edge.from, filter, ...more });
  return (
    <section>
      <h3>Traces with its slowest calls</h3>
      <ul className={css.fates}>
        {answer.data.items.map((one) => (
          <li key={one.traceId}>
            <Link to={pageHref(`/traces/${one.traceId}`)} className={css.link}>
              {traceWords(one)} {one.rootService}
            </Link>
            <span className={css.quiet}>
              {clockMs(Number(one.startTimeUnixNano) / 1e6)}
              {one.errors > 0 && ' · failed'}
            </span>
            <b>{duration(one.durationNs)} in all</b>
          </li>
        ))}
      </ul>
      <p className={css.links}>
        <Link to={all()} className={css.link}>
          All traces of this edge
        </Link>
        {edge.errors > 0 && (
          <Link to={all({ status: 'error' })} className={css.link}>
            Its failures
          </Link>
        )}
      </p>
    </section>
  );
}
