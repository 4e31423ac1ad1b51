// What is different?

import { keepPreviousData } from '@tanstack/react-query';
import type { CompareAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { CommandMenu } from '../../components/command-menu.tsx';
import { ExplainTable } from '../../components/explain-table.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
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
import { compareQuery, readCompareUrl } from './url.ts';

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
              label={wanted.by === 'window' ? 'the window before' : data.a.label}
            />
          </div>
          <div className={grid.c6}>
            <Side
              name="B"
              side={data.b}
              label={wanted.by === 'window' ? 'this window' : data.b.label}
            />
          </div>
          <div className={grid.c8}>
            <Panel
              title="What changed"
              flush
              aside={`${data.changes.filter((one) => one.significant).length} significant of ${data.changes.length}`}
            >
              <Changes changes={data.changes} />
            </Panel>
          </div>
          <div className={grid.c4}>
            <Panel title="Durations">
              <Distributions histogram={data.histogram} />
            </Panel>
            <Edges data={data} />
          </div>
          <div className={grid.c12}>
            <Panel title="What sets B apart" flush>
              <ExplainTable items={data.explains} a="A" b="B" />
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

function Side({
  name,
  side,
  label,
}: {
  readonly name: 'A' | 'B';
  readonly side: CompareAnswer['a'];
  readonly label: string;
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
