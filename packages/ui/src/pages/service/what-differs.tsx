// A brush over the heatmap: these requests against all others of the service.

import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { ExplainTable } from '../../components/explain-table.tsx';
import { duration } from '../../format/duration.ts';
import { clock } from '../../format/time.ts';
import { compact } from '../../format/number.ts';
import { useScope } from '../../hooks/use-scope.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import { navigate, pageHref, setSearch, useLocation } from '../../router/location.ts';
import grid from '../../styles/grid.module.css';
import css from './service.module.css';

export function WhatDiffers({ service }: { readonly service: string }) {
  const { search } = useLocation();
  const { filters } = useScope();
  const [start, end, min, max] = (search.get('slow') ?? '').split('-').map(Number);
  const chosen =
    start !== undefined &&
    end !== undefined &&
    min !== undefined &&
    max !== undefined &&
    end > start;
  const answer = useQuestion({
    queryKey: ['explain', service, start, end, min, max, filters],
    queryFn: ({ signal }) =>
      client.explain(
        {
          start: String(start),
          end: String(end),
          service,
          what: 'slow',
          minDuration: `${min}ns`,
          maxDuration: `${max}ns`,
          filter: [...filters],
        },
        { signal },
      ),
    enabled: chosen,
  });
  if (!chosen) return null;
  return (
    <div className={grid.c12}>
      <Panel
        title={`What is different about ${duration(min)} – ${duration(max)}, ${clock(start)} – ${clock(end)}`}
        flush
        aside={
          <span className={css.selected}>
            {answer.data && `${compact(answer.data.selected)} against ${compact(answer.data.rest)}`}
            <Button
              onClick={() =>
                navigate(
                  pageHref('/traces', {
                    service,
                    since: null,
                    start: String(start),
                    end: String(end),
                    min: `${min}ns`,
                    max: `${max}ns`,
                  }),
                )
              }
            >
              See the traces
            </Button>
            <Button quiet onClick={() => setSearch({ slow: null })}>
              Close
            </Button>
          </span>
        }
      >
        {answer.isPending && <SkeletonRows rows={4} />}
        {answer.error && <Failure error={answer.error} onRetry={answer.refetch} />}
        {answer.data &&
          (answer.data.selected === 0 ? (
            <Empty title="No requests lie there">
              Drag over coloured cells, or over a larger part.
            </Empty>
          ) : answer.data.rest === 0 ? (
            <Empty title="There are no others">
              All requests of this time lie there: choose a smaller part to hold against the rest.
            </Empty>
          ) : (
            <ExplainTable items={answer.data.items} a="all others" b="these" />
          ))}
        <MetaNote meta={answer.data?.meta} />
      </Panel>
    </div>
  );
}
