// Show me one like this.

import { useState } from 'react';
import { useInfiniteQuery, keepPreviousData } from '@tanstack/react-query';
import type { TracesAnswer, TraceSummary } from '@clover/model';
import type { CloverError } from '@clover/client';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { HttpStatus } from '../../components/http-status.tsx';
import { traceWords } from '../../domain/request-line.ts';
import { duration } from '../../format/duration.ts';
import { exact } from '../../format/number.ts';
import { clockMs, full } from '../../format/time.ts';
import { useScope } from '../../hooks/use-scope.ts';
import { navigate, pageHref, useLocation } from '../../router/location.ts';
import { Facets } from './facets.tsx';
import { Scatter } from './scatter.tsx';
import { SearchForm } from './search-form.tsx';
import css from './traces.module.css';
import { readTracesUrl, tracesCommand, tracesQuery } from './url.ts';

const PAGE_SIZE = 100;
/** Parents end, and so are sent, after their children. */
const ARRIVING_MS = 30_000;

export default function TracesPage() {
  const { search } = useLocation();
  const scope = useScope();
  const wanted = readTracesUrl(search);
  const query = { ...scope.query, ...tracesQuery(wanted), limit: PAGE_SIZE };
  const answer = useInfiniteQuery<
    TracesAnswer,
    CloverError,
    { pages: TracesAnswer[] },
    unknown[],
    string | undefined
  >({
    queryKey: ['traces', query],
    queryFn: ({ pageParam, signal }) =>
      client.traces(
        { ...query, ...(pageParam !== undefined && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (state) =>
      scope.live && (state.state.data?.pages.length ?? 1) === 1 ? 5000 : false,
  });
  const rows = answer.data?.pages.flatMap((page) => page.items) ?? [];
  const meta = answer.data?.pages[0]?.meta;
  const [hovered, setHovered] = useState<string | undefined>();
  return (
    <>
      <PageHead
        title="Traces"
        sub={
          answer.data &&
          (rows.length === 0
            ? 'none found'
            : `${answer.hasNextPage ? `the ${exact(rows.length)} ${wanted.sort} of more` : `${exact(rows.length)}, ${wanted.sort} first`}`)
        }
      >
        <CommandMenu command={tracesCommand(wanted)} json={rows} />
      </PageHead>
      <SearchForm wanted={wanted} />
      <div className={css.layout}>
        <aside className={css.facets} aria-label="Facets">
          <Facets wanted={wanted} />
        </aside>
        <div className={css.results}>
          <Panel
            dim={answer.isPlaceholderData}
            aside={
              <>
                {answer.hasNextPage && (
                  <span title="Only these are drawn; “Load more” under the table draws more">
                    the {exact(rows.length)} {wanted.sort}
                  </span>
                )}
                <MetaNote meta={meta} cutSaid />
              </>
            }
            title="Duration over time"
          >
            <Scatter
              rows={rows}
              hovered={hovered}
              onOpen={(traceId) => navigate(traceHref(traceId))}
            />
          </Panel>
          <Panel flush dim={answer.isPlaceholderData}>
            {answer.error && !answer.data && (
              <Failure error={answer.error} onRetry={answer.refetch} />
            )}
            {answer.isPending && <SkeletonRows rows={10} />}
            {answer.data && rows.length === 0 && (
              <Empty title="No traces match" command="cloverctl import traces.json.gz">
                Widen the time range or remove a filter. Nothing stored yet? Import a file:
              </Empty>
            )}
            {rows.length > 0 && (
              <div>
                <Table
                  label="Traces"
                  columns={COLUMNS}
                  rows={rows}
                  rowKey={(one) => one.traceId}
                  sortKey="by"
                  searched
                  maxHeight={720}
                  rowTo={(one) => traceHref(one.traceId)}
                  onHover={(one) => setHovered(one?.traceId)}
                  selected={hovered}
                />
              </div>
            )}
            {answer.hasNextPage && (
              <div className={css.more}>
                <Button
                  onClick={() => void answer.fetchNextPage()}
                  disabled={answer.isFetchingNextPage}
                >
                  {answer.isFetchingNextPage ? 'Loading …' : 'Load more'}
                </Button>
              </div>
            )}
          </Panel>
        </div>
      </div>
    </>
  );
}

function traceHref(traceId: string): string {
  return pageHref(`/traces/${traceId}`);
}

const COLUMNS: readonly Column<TraceSummary>[] = [
  {
    key: 'root',
    title: 'Trace',
    width: 'minmax(220px, 3fr)',
    text: (one) => `${traceWords(one)} ${one.rootService} ${one.rootName}`,
    cell: (one) => (
      <>
        <span className={css.words} title={one.rootName}>
          {traceWords(one)}
        </span>
        <span className={css.of}>
          <ServiceName service={one.rootService} plain />
        </span>
        {one.rootMissing &&
          (Date.now() - Number(one.startTimeUnixNano) / 1e6 < ARRIVING_MS ? (
            <span className={css.quiet} title="Its first span may still be on its way">
              arriving
            </span>
          ) : (
            <span className={css.tag} title="The trace's first span never came">
              no root
            </span>
          ))}
      </>
    ),
  },
  {
    key: 'services',
    title: 'Services',
    minor: true,
    width: 'minmax(120px, 1fr)',
    number: (one) => one.services.length,
    cell: (one) => <ServiceDots trace={one} />,
  },
  {
    key: 'spans',
    title: 'Spans',
    width: '76px',
    minor: true,
    number: (one) => one.spans,
    cell: (one) => exact(one.spans),
  },
  {
    key: 'status',
    title: 'Status',
    width: '100px',
    narrowWidth: '78px',
    number: (one) => one.httpStatusCode,
    cell: (one) => (one.httpStatusCode ? <HttpStatus code={one.httpStatusCode} /> : '–'),
  },
  {
    key: 'errors',
    title: 'Errors',
    width: '76px',
    narrowWidth: '54px',
    number: (one) => one.errors,
    cell: (one) => <span className={one.errors > 0 ? css.bad : css.quiet}>{one.errors}</span>,
  },
  {
    key: 'duration',
    title: 'Duration',
    width: '116px',
    number: (one) => one.durationNs,
    cell: (one) => duration(one.durationNs),
  },
  {
    key: 'start',
    title: 'Start',
    width: '116px',
    minor: true,
    number: (one) => Number(one.startTimeUnixNano) / 1e6,
    cell: (one) => (
      <span title={full(Number(one.startTimeUnixNano) / 1e6)}>
        {clockMs(Number(one.startTimeUnixNano) / 1e6)}
      </span>
    ),
  },
];

function ServiceDots({ trace }: { readonly trace: TraceSummary }) {
  return (
    <span
      className={css.dots}
      title={trace.services.map((one) => `${one.service}: ${one.spans}`).join('\n')}
    >
      {trace.services.length} {trace.services.length === 1 ? 'service' : 'services'}
    </span>
  );
}
