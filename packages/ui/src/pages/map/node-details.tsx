import type { GraphEdge, GraphNode } from '@clover/model';
import { ServiceName } from '../../components/service-name.tsx';
import { duration } from '../../format/duration.ts';
import { exact, percent, rate } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { pageHref, setSearch } from '../../router/location.ts';
import { Figure, Split } from './edge-details.tsx';
import { clock } from '../../format/time.ts';
import css from './map.module.css';
import type { MeshMark } from './mesh-marks.ts';
import { edgeKey } from './shown-graph.ts';

/** One service on the map: its figures, and its neighbours. */
export function NodeDetails({
  node,
  edges,
  mark,
}: {
  readonly node: GraphNode;
  readonly edges: readonly GraphEdge[];
  readonly mark?: MeshMark | undefined;
}) {
  const neighbours = (
    title: string,
    list: readonly GraphEdge[],
    other: (edge: GraphEdge) => string,
  ) =>
    list.length > 0 && (
      <section>
        <h3>{title}</h3>
        <ul className={css.fates}>
          {list.map((edge) => (
            <li key={edgeKey(edge)}>
              <button
                type="button"
                className={css.link}
                onClick={() => setSearch({ edge: edgeKey(edge) })}
              >
                {other(edge)}
              </button>
              <b>{rate(edge.ratePerSecond)}</b>
            </li>
          ))}
        </ul>
      </section>
    );
  return (
    <div className={css.details}>
      <h2>
        <ServiceName service={node.service} />
      </h2>
      <dl className={css.figures}>
        <Figure
          name="Rate"
          value={rate(node.ratePerSecond)}
          title={`${exact(node.requests)} requests`}
        />
        <Figure
          name="Errors"
          value={percent(node.errorRatio)}
          title={`${exact(node.errors)} failed`}
        />
        <Figure name="p50" value={duration(node.latency?.p50Ns)} />
        <Figure name="p95" value={duration(node.latency?.p95Ns)} />
      </dl>
      {mark && (
        <p className={css.meshNote}>
          {mark.strict && <span>Lets in mutual TLS only.</span>}
          {mark.ejected !== undefined && (
            <span className={css.nodeBad}>
              {mark.ejected} {mark.ejected === 1 ? 'endpoint is' : 'endpoints are'} left out for
              now: too many failures in a row (outlier detection).
            </span>
          )}
          {mark.fault && (
            <Link to={pageHref('/traffic')} className={css.link}>
              A fault is on: {mark.fault.percent} % of its requests, until{' '}
              {clock(Date.parse(mark.fault.endsAt))}
            </Link>
          )}
        </p>
      )}
      <Split title="Versions" rows={node.versions.map((one) => ({ ...one, name: one.version }))} />
      {neighbours(
        'Callers',
        edges.filter((one) => one.to === node.service && one.from !== node.service),
        (one) => one.from,
      )}
      {neighbours(
        'Callees',
        edges.filter((one) => one.from === node.service && one.to !== node.service),
        (one) => one.to,
      )}
      <p className={css.links}>
        <Link to={pageHref(`/services/${encodeURIComponent(node.service)}`)} className={css.link}>
          About this service
        </Link>
        <Link to={pageHref('/traces', { service: node.service })} className={css.link}>
          Its traces
        </Link>
        <button
          type="button"
          className={css.link}
          onClick={() => setSearch({ focus: node.service, hops: '1', node: null })}
        >
          Only its neighbours
        </button>
      </p>
    </div>
  );
}
