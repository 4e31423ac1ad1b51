import type { GraphEdge } from '@clover/model';
import { client } from '../../api/client.ts';
import { ServiceName } from '../../components/service-name.tsx';
import { duration } from '../../format/duration.ts';
import { compact, exact, percent, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import { EdgeTraces } from './edge-traces.tsx';
import css from './map.module.css';

/** One arrow: both sides' view of it, and what became of its requests. */
export function EdgeDetails({ edge }: { readonly edge: GraphEdge }) {
  const lost = useAnswer('lost', {}, (query, signal) => client.lost(query, { signal }), {
    liveMs: 10_000,
  });
  const fate = lost.data?.items.find((one) => one.from === edge.from && one.to === edge.to);
  const parts = fate
    ? [
        {
          label: 'received',
          count: fate.received,
          color: 'var(--mark-2xx)',
          hint: 'a server side saw it',
        },
        {
          label: 'answered by a proxy',
          count: fate.answeredByProxy,
          color: 'var(--info)',
          hint: 'fault, no route, circuit open',
        },
        {
          label: 'unanswered',
          count: fate.unanswered,
          color: 'var(--mark-4xx)',
          hint: 'the caller got no answer',
        },
        {
          label: 'lost',
          count: fate.lost,
          color: 'var(--mark-5xx)',
          hint: 'sent, and no server side saw it',
        },
        {
          label: 'not traced',
          count: fate.untraced,
          color: 'var(--line-strong)',
          hint: 'the callee sends no spans',
        },
      ].filter((one) => one.count > 0)
    : [];
  return (
    <div className={css.details}>
      <h2>
        <ServiceName service={edge.from} /> <span aria-hidden>→</span>{' '}
        <ServiceName service={edge.to} />
      </h2>
      <dl className={css.figures}>
        <Figure
          name="Rate"
          value={rate(edge.ratePerSecond)}
          title={`${exact(edge.requests)} requests`}
        />
        <Figure
          name="Errors"
          value={percent(edge.errorRatio)}
          title={`${exact(edge.errors)} failed`}
        />
        <Figure name="p95, callee" value={duration(edge.latency?.p95Ns)} />
        <Figure name="p95, caller" value={duration(edge.clientLatency?.p95Ns)} />
      </dl>
      {fate && (
        <section>
          <h3>What became of {compact(fate.sent)} requests</h3>
          <div className={css.stack} aria-hidden>
            {parts.map((one) => (
              <span key={one.label} style={{ flexGrow: one.count, background: one.color }} />
            ))}
          </div>
          <ul className={css.fates}>
            {parts.map((one) => (
              <li key={one.label} title={one.hint}>
                <span className={css.swatch} style={{ background: one.color }} />
                {one.label}
                <b title={exact(one.count)}>{compact(one.count)}</b>
              </li>
            ))}
            {fate.coverage !== null && (
              <li>
                coverage
                <b>{percent(fate.coverage)}</b>
              </li>
            )}
          </ul>
          {fate.proxyFlags.length > 0 && (
            <p className={css.quiet}>
              Response flags:{' '}
              {fate.proxyFlags.map((one) => `${one.flag} ${compact(one.count)}`).join(', ')}
            </p>
          )}
          {fate.exampleTraceIds.length > 0 && (
            <p className={css.quiet}>
              For example{' '}
              {fate.exampleTraceIds.slice(0, 3).map((id) => (
                <Link key={id} to={pageHref(`/traces/${id}`)} className={`mono ${css.link}`}>
                  {id.slice(0, 12)}…
                </Link>
              ))}
            </p>
          )}
        </section>
      )}
      <Split
        title="Versions that answered"
        rows={edge.toVersions.map((one) => ({ ...one, name: one.version }))}
      />
      <Split
        title="Subsets chosen"
        rows={edge.subsets.map((one) => ({ ...one, name: one.subset }))}
      />
      <EdgeTraces edge={edge} />
    </div>
  );
}

export function Figure({
  name,
  value,
  title,
}: {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title}>{value}</dd>
    </div>
  );
}

export function Split({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly {
    readonly name: string;
    readonly requests: number;
    readonly errors: number;
  }[];
}) {
  const total = rows.reduce((sum, one) => sum + one.requests, 0);
  if (total === 0 || rows.every((one) => one.name === '')) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul className={css.fates}>
        {rows.map((one) => (
          <li key={one.name}>
            {one.name || '(none)'}{' '}
            <span className={css.quiet}>
              {one.errors > 0 && `${percent(one.errors / one.requests)} fail`}
            </span>
            <b title={exact(one.requests)}>{percent(one.requests / total)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
