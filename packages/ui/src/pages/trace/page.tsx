// One trace: where its time went.

import { useMemo, useState } from 'react';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { Drawer } from '../../components/drawer.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import { spanWords } from '../../domain/request-line.ts';
import { duration } from '../../format/duration.ts';
import { exact } from '../../format/number.ts';
import { full } from '../../format/time.ts';
import { useQuestion } from '../../hooks/use-question.ts';
import { setSearch, useLocation } from '../../router/location.ts';
import { Minimap } from './minimap.tsx';
import { SelfTimes } from './self-times.tsx';
import { SpanDetails } from './span-details.tsx';
import css from './trace.module.css';
import { visibleSpans } from './visible-spans.ts';
import { Waterfall } from './waterfall.tsx';
import { isWhole, readZoom, writeZoom, type Zoom } from './zoom.ts';

export default function TracePage({ param: traceId }: { readonly param: string }) {
  const { search } = useLocation();
  const answer = useQuestion({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) => client.trace(traceId, { signal }),
    staleTime: 10_000,
  });
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState('');
  const trace = answer.data;
  const rows = useMemo(
    () => (trace ? visibleSpans(trace.spans, collapsed) : []),
    [trace, collapsed],
  );
  const critical = useMemo(
    () => new Map(trace?.criticalPath.map((part) => [part.spanId, true])),
    [trace],
  );
  if (answer.error) return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!trace) {
    return (
      <Panel flush>
        <SkeletonRows rows={14} />
      </Panel>
    );
  }
  const [root] = trace.spans;
  const chosen = trace.spans.find((one) => one.spanId === search.get('span'));
  const zoom = readZoom(search.get('zoom'), trace.durationNs);
  const zoomTo = (next: Zoom) => setSearch({ zoom: writeZoom(next, trace.durationNs) });
  const errors = trace.spans.filter((one) => one.failed).length;
  return (
    <>
      <PageHead
        title={root ? `${spanWords(root)} ${root.service}` : ''}
        sub={
          <>
            <span title={full(Number(trace.startTimeUnixNano) / 1e6)}>
              {full(Number(trace.startTimeUnixNano) / 1e6)}
            </span>{' '}
            · {duration(trace.durationNs)} · {exact(trace.spans.length)} spans of{' '}
            {trace.services.length} {trace.services.length === 1 ? 'service' : 'services'}
            {errors > 0 && <span className={css.bad}> · {errors} failed</span>} ·{' '}
            <span className="mono">{trace.traceId}</span>
          </>
        }
      >
        <SearchBox label="Find in this trace" value={text} onChange={setText} />
        {!isWhole(zoom, trace.durationNs) && (
          <Button onClick={() => setSearch({ zoom: null })}>All of the trace</Button>
        )}
        <Button
          onClick={() =>
            setCollapsed(
              collapsed.size > 0
                ? new Set()
                : new Set(trace.spans.filter((one) => one.depth >= 2).map((one) => one.spanId)),
            )
          }
        >
          {collapsed.size > 0 ? 'Expand all' : 'Collapse'}
        </Button>
        <CommandMenu command={`cloverctl get trace ${trace.traceId}`} json={trace} />
      </PageHead>
      {trace.notes.length > 0 && (
        <p className={css.notes} role="note">
          {trace.notes.join(' · ')}
        </p>
      )}
      <Panel flush className={css.panel ?? ''}>
        <Minimap trace={trace} critical={critical} zoom={zoom} onZoom={zoomTo} />
        <Waterfall
          trace={trace}
          rows={rows}
          critical={critical}
          text={text}
          chosen={chosen?.spanId}
          zoom={zoom}
          onZoom={zoomTo}
          onChoose={(spanId, options) =>
            setSearch({ span: spanId }, { replace: options?.follow ?? false })
          }
          onToggle={(spanId) => {
            const next = new Set(collapsed);
            if (!next.delete(spanId)) next.add(spanId);
            setCollapsed(next);
          }}
        />
      </Panel>
      <SelfTimes trace={trace} />
      {chosen && (
        <Drawer label={`Span ${spanWords(chosen)}`} onClose={() => setSearch({ span: null })}>
          <SpanDetails trace={trace} span={chosen} />
        </Drawer>
      )}
    </>
  );
}
