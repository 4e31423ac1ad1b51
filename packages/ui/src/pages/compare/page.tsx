// What is different?

import { keepPreviousData } from '@tanstack/react-query';
import type { CompareAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { CommandMenu } from '../../components/command-menu.tsx';
import { ExplainTable } from '../../components/explain-table.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, SkeletonRows } from '../../components/states.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { duration } from '../../format/duration.ts';
import { compact, exact, percent, rate } from '../../format/number.ts';
import { rangeLabel } from '../../format/time.ts';
import { useScope } from '../../hooks/use-scope.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import { pageHref, useLocation } from '../../router/location.ts';
import { Link } from '../../router/link.tsx';
import grid from '../../styles/grid.module.css';
import { Changes } from './changes.tsx';
import css from './compare.module.css';
import { Distributions } from './distributions.tsx';
import { SideForm } from './side-form.tsx';
import { compareQuery, type CompareUrl, readCompareUrl } from './url.ts';

export default function ComparePage() {
  const { search } = useLocation();
  const scope = useScope();
  const wanted = readCompareUrl(search);
  const query = { ...scope.query, ...compareQuery(wanted) };
  const answer = useQuestion({
    queryKey: ['compare', query],
    queryFn: ({ signal }) => client.compare(query, { signal }),
    placeholderData: keepPreviousData,
  });
  const { data } = answer;
  // Nothing chosen yet: the answer is of two windows.
  const windows = wanted.by === 'window' || (wanted.a === '' && wanted.b === '');
  const empty = data && emptySide(data);
  const tracesOf = (side: 'a' | 'b', more: Record<string, string> = {}) =>
    tracesHref(data![side].meta, { wanted, side, more });
  return (
    <>
      <PageHead
        title="Compare"
        sub="Two windows, versions or filters, over all their spans. A is what it should be like, B what is in question."
      >
        <CommandMenu command="cloverctl compare" json={data} />
      </PageHead>
      <SideForm wanted={wanted} />
      {answer.error && !data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!data && !answer.error && <SkeletonRows rows={10} />}
      {data && (
        <div className={`${grid.grid} ${answer.isPlaceholderData ? css.dim : ''}`}>
          <div className={grid.c6}>
            <Side
              name="A"
              side={data.a}
              label={windows ? 'the window before' : data.a.label}
              to={tracesOf('a')}
            />
          </div>
          <div className={grid.c6}>
            <Side
              name="B"
              side={data.b}
              label={windows ? 'this window' : data.b.label}
              to={tracesOf('b')}
            />
          </div>
          <div className={grid.c8}>
            <Panel
              title="What changed"
              flush
              aside={
                empty === undefined &&
                `${data.changes.filter((one) => one.significant).length} significant of ${data.changes.length}`
              }
            >
              {empty === undefined ? (
                <Changes changes={data.changes} tracesOf={tracesOf} />
              ) : (
                <Empty title={`${empty} has no requests`}>
                  There is nothing to compare with: choose another window, version or filter.
                </Empty>
              )}
            </Panel>
          </div>
          <div className={grid.c4}>
            <Panel title="Durations">
              <Distributions
                histogram={data.histogram}
                tracesOf={(side, fromNs, toNs) =>
                  tracesOf(side, {
                    min: `${Math.floor(fromNs)}ns`,
                    max: `${Math.ceil(toNs)}ns`,
                    sort: 'slowest',
                  })
                }
              />
            </Panel>
            <Edges data={data} />
          </div>
          <div className={grid.c12}>
            <Panel title="What sets B apart" flush>
              {empty === undefined ? (
                <ExplainTable items={data.explains} a="A" b="B" />
              ) : (
                <Empty title="Nothing to hold it against" />
              )}
            </Panel>
          </div>
          {data.notes.length > 0 && (
            <p className={`${grid.c12} ${css.notes}`}>{data.notes.join(' · ')}</p>
          )}
        </div>
      )}
    </>
  );
}

/** The side without requests, if one is. */
function emptySide({ a, b }: CompareAnswer): 'A' | 'B' | undefined {
  if (a.red.requests === 0) return 'A';
  return b.red.requests === 0 ? 'B' : undefined;
}

interface TracesOfSide {
  readonly wanted: CompareUrl;
  readonly side: 'a' | 'b';
  readonly more: Readonly<Record<string, string>>;
}

/** The traces that a side is made of. */
function tracesHref(
  meta: CompareAnswer['a']['meta'],
  { wanted, side, more }: TracesOfSide,
): string {
  const kept = new URLSearchParams(window.location.search).getAll('filter');
  const own =
    wanted[side] === ''
      ? []
      : wanted.by === 'version'
        ? [`version=${wanted[side]}`]
        : wanted.by === 'filter'
          ? [wanted[side]]
          : [];
  return pageHref('/traces', {
    since: null,
    start: String(Date.parse(meta.start)),
    end: String(Date.parse(meta.end)),
    filter: [...kept, ...own],
    ...(wanted.service !== '' && { service: wanted.service }),
    ...more,
  });
}

function Side({
  name,
  side,
  label,
  to,
}: {
  readonly name: 'A' | 'B';
  readonly side: CompareAnswer['a'];
  readonly label: string;
  readonly to: string;
}) {
  const { red } = side;
  const figures: readonly (readonly [string, string, string?])[] = [
    ['Rate', rate(red.ratePerSecond), `${exact(red.requests)} requests`],
    ['Errors', percent(red.errorRatio), `${exact(red.errors)} failed`],
    ['p50', duration(red.latency?.p50Ns)],
    ['p95', duration(red.latency?.p95Ns)],
    ['p99', duration(red.latency?.p99Ns)],
  ];
  return (
    <section className={css.side}>
      <h2>
        <span className={name === 'A' ? css.a : css.b}>{name}</span>
        {label}
        <em>{rangeLabel(Date.parse(side.meta.start), Date.parse(side.meta.end))}</em>
        <Link to={to} className={css.toTraces} aria-label={`Traces of ${name}`}>
          Traces
        </Link>
      </h2>
      <dl>
        {figures.map(([title, value, hint]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd title={hint}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Edges({ data }: { readonly data: CompareAnswer }) {
  const lists = [
    ['New edges', data.newEdges],
    ['Vanished edges', data.vanishedEdges],
  ] as const;
  return lists.map(([title, edges]) => (
    <Panel key={title} title={title} className={css.below ?? ''}>
      {edges.length === 0 ? (
        <p className={css.quiet}>None.</p>
      ) : (
        <ul className={css.edges}>
          {edges.map((one) => (
            <li key={`${one.from} ${one.to}`}>
              <Link to={pageHref('/map', { edge: `${one.from}→${one.to}` })}>
                <ServiceName service={one.from} plain /> → <ServiceName service={one.to} plain />
              </Link>
              <b>{compact(one.requests)}</b>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  ));
}
