// Which URLs, user agents, status codes, operations, instances and upstream clusters were seen, each with its count.

import type { DistinctAnswer } from '@clover/model';
import { client } from '../api/client.ts';
import { compact, exact } from '../format/number.ts';
import { useAnswer } from '../hooks/use-answer.ts';
import { Link } from '../router/link.tsx';
import { pageHref, setSearch, useLocation } from '../router/location.ts';
import css from './http-details.module.css';
import { HttpStatus } from './http-status.tsx';
import { Panel } from './panel.tsx';
import { Failure, MetaNote, SkeletonRows } from './states.tsx';

type ListKey = Exclude<keyof DistinctAnswer, 'meta'>;

const LISTS: readonly { key: ListKey; title: string; filter: string }[] = [
  { key: 'urls', title: 'URLs', filter: 'url' },
  { key: 'statusCodes', title: 'Status codes', filter: 'statusCode' },
  { key: 'userAgents', title: 'User agents', filter: 'userAgent' },
  { key: 'operations', title: 'Operations', filter: 'operation' },
  { key: 'nodes', title: 'Instances', filter: 'node' },
  { key: 'upstreamClusters', title: 'Upstream clusters', filter: 'upstreamCluster' },
];
const SHOWN = 8;

/** Distinct HTTP details of a service, or of all; each value leads to its traces. */
export function HttpDetails({ service }: { readonly service?: string }) {
  const { search } = useLocation();
  const open = search.get('all');
  const answer = useAnswer('distinct', { service }, (query, signal) =>
    client.distinct({ ...query, ...(service !== undefined && { service }) }, { signal }),
  );
  if (answer.error && !answer.data)
    return <Failure error={answer.error} onRetry={answer.refetch} />;
  return (
    <div className={css.lists}>
      {LISTS.map(({ key, title, filter }) => {
        const list = answer.data?.[key];
        return (
          <Panel
            key={key}
            title={title}
            dim={answer.isPlaceholderData}
            aside={
              <>
                {list && <span>{exact(list.total)} distinct</span>}
                <MetaNote meta={answer.data?.meta} />
              </>
            }
          >
            {list ? (
              <Values
                list={list}
                name={filter}
                all={open === key}
                service={service}
                onAll={() => setSearch({ all: open === key ? null : key }, { replace: true })}
              />
            ) : (
              <SkeletonRows rows={4} />
            )}
          </Panel>
        );
      })}
    </div>
  );
}

function Values({
  list,
  name,
  all,
  service,
  onAll,
}: {
  readonly list: DistinctAnswer[ListKey];
  readonly name: string;
  readonly all: boolean;
  readonly service: string | undefined;
  readonly onAll: () => void;
}) {
  if (list.values.length === 0) return <p className={css.none}>none seen in this time range</p>;
  const largest = Math.max(...list.values.map((one) => one.count), 1);
  const kept = new URLSearchParams(window.location.search).getAll('filter');
  return (
    <>
      <ol className={`${css.values} ${all ? css.all : ''}`} tabIndex={all ? 0 : undefined}>
        {list.values.slice(0, all ? undefined : SHOWN).map(({ value, count }) => (
          <li key={value}>
            <span
              className={css.bar}
              style={{ width: `${(count / largest) * 100}%` }}
              aria-hidden
            />
            <Link
              to={pageHref('/traces', {
                filter: [...kept, `${name}=${value}`],
                ...(service !== undefined && { service }),
              })}
              className={name === 'statusCode' ? css.value : `${css.value} mono`}
              title={value}
            >
              {name === 'statusCode' ? <HttpStatus code={value} /> : value || '(none)'}
            </Link>
            <span className={css.count} title={exact(count)}>
              {compact(count)}
            </span>
          </li>
        ))}
      </ol>
      {list.values.length > SHOWN && (
        <button type="button" className={css.more} onClick={onAll}>
          {all ? 'fewer' : `${exact(list.values.length - SHOWN)} more`}
        </button>
      )}
      {all && list.total > list.values.length && (
        <p className={css.none}>
          top {exact(list.values.length)} of {exact(list.total)}
        </p>
      )}
    </>
  );
}
