// Can I trust these numbers?

import { useState } from 'react';
import type { Source, SourcesAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { Copyable } from '../../components/copyable.tsx';
import { LastSeen } from '../../components/last-seen.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { Stat } from '../../components/stat.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { compact, exact, percent, rate } from '../../format/number.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import { useScope } from '../../hooks/use-scope.ts';
import { setSearch, useLocation } from '../../router/location.ts';
import grid from '../../styles/grid.module.css';
import { ClearDialog } from './clear-dialog.tsx';
import { PullForm } from './pull-form.tsx';
import css from './sources.module.css';

export default function SourcesPage() {
  const { live } = useScope();
  const answer = useQuestion({
    queryKey: ['sources'],
    queryFn: ({ signal }) => client.sources({}, { signal }),
    liveMs: live ? 2000 : undefined,
  });
  const clearing = useLocation().search.has('clear');
  const { data } = answer;
  return (
    <>
      <PageHead title="Sources" sub="What comes in, from where, how complete, and what is refused.">
        <CommandMenu command="cloverctl get sources" json={data?.items} />
        <Button danger onClick={() => setSearch({ clear: '1' })}>
          Clear stored data …
        </Button>
      </PageHead>
      <div className={grid.grid}>
        <div className={grid.c3}>
          <Stat label="Spans coming in" value={data ? rate(data.totals.spansPerSecond) : '–'} />
        </div>
        <div className={grid.c3}>
          <Stat
            label="Metric points coming in"
            value={data ? rate(data.totals.pointsPerSecond) : '–'}
          />
        </div>
        <div className={grid.c3}>
          <Stat
            label="Refused since the start"
            value={data ? compact(data.totals.refused) : '–'}
            {...(data && { exact: exact(data.totals.refused) })}
          />
        </div>
        <div className={grid.c3}>
          <Stat
            label="Queue"
            value={
              data
                ? percent(data.totals.queuedSpans / Math.max(1, data.totals.queueLimitSpans))
                : '–'
            }
            {...(data && {
              exact: `${exact(data.totals.queuedSpans)} of ${exact(data.totals.queueLimitSpans)} spans`,
            })}
          />
        </div>
        <div className={grid.c12}>
          <Panel title="Ways in" flush>
            {answer.error && !data && <Failure error={answer.error} onRetry={answer.refetch} />}
            {!data && !answer.error && <SkeletonRows rows={6} />}
            {data && (
              <Table
                label="Sources"
                columns={COLUMNS}
                rows={data.items}
                rowKey={(one) => one.id}
                sortKey="by"
              />
            )}
          </Panel>
        </div>
        <div className={grid.c5}>
          <PullForm />
        </div>
        <div className={grid.c7}>
          <Panel title="Connect one">
            {data ? <Snippets snippets={data.snippets} /> : <SkeletonRows rows={4} />}
          </Panel>
        </div>
      </div>
      {clearing && <ClearDialog onClose={() => setSearch({ clear: null })} />}
    </>
  );
}

const STATES = {
  up: 'var(--good)',
  idle: 'var(--line-strong)',
  starting: 'var(--line-strong)',
  down: 'var(--bad)',
  off: 'var(--line-strong)',
} as const;
const refusedOf = (one: Source) => one.refused.reduce((sum, { count }) => sum + count, 0);

const COLUMNS: readonly Column<Source>[] = [
  {
    key: 'id',
    title: 'Source',
    width: 'minmax(200px, 2.6fr)',
    text: (one) => `${one.name} ${one.id}`,
    cell: (one) => (
      <span className={css.source} title={one.address}>
        <b>{one.kind !== 'scrape' ? one.id : one.name || new URL(one.address).host}</b>
        <span className="mono">
          {one.kind === 'scrape' && 'scrape '}
          {one.kind === 'scrape' && one.name === '' ? '' : one.address.replace(/^https?:\/\//, '')}
        </span>
      </span>
    ),
  },
  {
    key: 'state',
    title: 'State',
    width: 'minmax(150px, 2fr)',
    narrowWidth: '80px',
    text: (one) => one.state,
    cell: (one) => (
      <span className={css.state} title={one.lastError ?? one.detail}>
        <span className={css.dot} style={{ background: STATES[one.state] }} />
        {one.state} <em>{one.detail}</em>
      </span>
    ),
  },
  {
    key: 'rate',
    title: 'Rate',
    number: (one) => one.spansPerSecond + one.pointsPerSecond,
    cell: (one) => rate(one.spansPerSecond + one.pointsPerSecond),
  },
  {
    key: 'spans',
    title: 'Spans',
    minor: true,
    number: (one) => one.acceptedSpans,
    cell: (one) => <span title={exact(one.acceptedSpans)}>{compact(one.acceptedSpans)}</span>,
  },
  {
    key: 'points',
    title: 'Points',
    minor: true,
    number: (one) => one.acceptedPoints,
    cell: (one) => <span title={exact(one.acceptedPoints)}>{compact(one.acceptedPoints)}</span>,
  },
  {
    key: 'refused',
    title: 'Refused',
    number: refusedOf,
    cell: (one) => (
      <span
        className={refusedOf(one) > 0 ? css.warn : css.quiet}
        title={one.refused.map(({ reason, count }) => `${exact(count)} ${reason}`).join('\n')}
      >
        {compact(refusedOf(one))}
      </span>
    ),
  },
  {
    key: 'complete',
    title: 'Complete',
    minor: true,
    number: (one) => one.completeness,
    cell: (one) => (one.completeness === null ? '–' : percent(one.completeness)),
  },
  {
    key: 'lag',
    title: 'Lag',
    minor: true,
    number: (one) => one.lagMs,
    cell: (one) => (one.lagMs === null ? '–' : duration(one.lagMs * 1e6)),
  },
  {
    key: 'seen',
    title: 'Last seen',
    minor: true,
    number: (one) => (one.lastSeen === null ? null : Date.parse(one.lastSeen)),
    cell: (one) => <LastSeen at={one.lastSeen} />,
  },
];

function Snippets({ snippets }: { readonly snippets: SourcesAnswer['snippets'] }) {
  const [chosen, setChosen] = useState(0);
  const snippet = snippets[chosen];
  return (
    <div className={css.snippets}>
      <ul>
        {snippets.map((one, index) => (
          <li key={one.title}>
            <button type="button" aria-pressed={index === chosen} onClick={() => setChosen(index)}>
              {one.title}
            </button>
          </li>
        ))}
      </ul>
      {snippet && <Copyable block text={snippet.text} />}
    </div>
  );
}
