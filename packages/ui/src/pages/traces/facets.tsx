import { client } from '../../api/client.ts';
import { Skeleton } from '../../components/states.tsx';
import { serviceColor } from '../../domain/service-color.ts';
import { statusClass, STATUS_MARK } from '../../domain/status.ts';
import { compact } from '../../format/number.ts';
import { addFilter, useScope } from '../../hooks/use-scope.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { setSearch } from '../../router/location.ts';
import css from './traces.module.css';
import type { TracesUrl } from './url.ts';

/** The most frequent values; a click narrows the search to one. */
export function Facets({ wanted }: { readonly wanted: TracesUrl }) {
  return (
    <>
      <Facet
        title="Service"
        by="service"
        wanted={wanted}
        chosen={wanted.service}
        onChoose={(value) =>
          setSearch({ service: value === wanted.service ? null : value, operation: null })
        }
        color={serviceColor}
      />
      <Facet
        title="Operation"
        by="operation"
        wanted={wanted}
        chosen={wanted.operation}
        onChoose={(value) => setSearch({ operation: value === wanted.operation ? null : value })}
      />
      <Facet
        title="Status code"
        by="statusCode"
        wanted={wanted}
        color={(value) => STATUS_MARK[statusClass(Number(value))]}
      />
      <Facet title="Method" by="method" wanted={wanted} />
      <Facet title="User agent" by="userAgentFamily" wanted={wanted} />
      <Facet title="Version" by="version" wanted={wanted} />
    </>
  );
}

interface FacetProps {
  readonly title: string;
  readonly by: string;
  readonly wanted: TracesUrl;
  readonly chosen?: string;
  readonly onChoose?: (value: string) => void;
  readonly color?: (value: string) => string;
}

const SHOWN = 7;

function Facet({ title, by, wanted, chosen, onChoose, color }: FacetProps) {
  const { filters } = useScope();
  const service = by === 'service' ? '' : wanted.service;
  const answer = useAnswer(
    'counts',
    { by, service, side: 'all' },
    (query, signal) =>
      client.counts(
        { ...query, ...(service && { service }), by, side: 'all', limit: SHOWN },
        { signal },
      ),
    { liveMs: 15_000 },
  );
  const items =
    answer.data?.items.filter((one) => one.values[0] !== '' && one.values[0] !== '0') ?? [];
  if (answer.data && items.length === 0) return null;
  const largest = Math.max(1, ...items.map((one) => one.count));
  return (
    <section className={css.facet}>
      <h3>{title}</h3>
      {!answer.data &&
        [60, 80, 45].map((width) => <Skeleton key={width} width={`${width}%`} height={12} />)}
      <ul>
        {items.map((one) => {
          const value = one.values[0]!;
          const on = chosen === value || filters.includes(`${by}=${value}`);
          return (
            <li key={value}>
              <button
                type="button"
                aria-pressed={on}
                title={value}
                onClick={() => (onChoose ? onChoose(value) : addFilter(`${by}=${value}`))}
              >
                <span
                  className={css.fill}
                  style={{ width: `${(one.count / largest) * 100}%` }}
                  aria-hidden
                />
                {color && (
                  <span className={css.mark} style={{ background: color(value) }} aria-hidden />
                )}
                <span className={css.facetName}>{value}</span>
                <span className={css.facetCount}>{compact(one.count)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {answer.data && answer.data.rest.groups > 0 && <p>{compact(answer.data.rest.groups)} more</p>}
    </section>
  );
}
