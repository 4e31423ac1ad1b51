// Is anything wrong right now?

import type { OverviewCalls, OverviewRequests } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import { client } from '../../api/client.ts';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, Skeleton } from '../../components/states.tsx';
import { Stat } from '../../components/stat.tsx';
import { Sparkline } from '../../charts/sparkline.tsx';
import { duration } from '../../format/duration.ts';
import { change, compact, exact, percent, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';
import grid from '../../styles/grid.module.css';
import { Changes } from './changes.tsx';
import { FirstRun } from './first-run.tsx';
import { Impact } from './impact.tsx';
import { ReportsDrawer, ReportsStrip } from './reports.tsx';
import { SystemPanel } from './system-panel.tsx';
import { stepSeconds } from './step-seconds.ts';
import { Traffic } from './traffic.tsx';

export default function OverviewPage() {
  const answer = useAnswer('overview', {}, (query, signal) =>
    client.overviewRequests(query, { signal }),
  );
  const { data, error } = answer;
  // Where much came in the last minute the calls take seconds: what is soon there goes first.
  const calls = useAnswer(
    'overview-calls',
    {},
    (query, signal) => client.overviewCalls(query, { signal }),
    { enabled: data !== undefined },
  );
  const empty = data && data.now.requests === 0 && data.before.requests === 0;
  return (
    <>
      <h1 className="visually-hidden">Overview</h1>
      <FirstRun />
      <div className={grid.grid}>
        {data ? (
          <Numbers data={data} calls={calls.data} failed={calls.error !== null} />
        ) : error ? (
          <div className={grid.c12}>
            <Panel>
              <Failure error={error} onRetry={answer.refetch} />
            </Panel>
          </div>
        ) : (
          [0, 1, 2, 3].map((index) => (
            <div key={index} className={grid.c3}>
              <Skeleton height={112} />
            </div>
          ))
        )}
        <ReportsStrip />
        {empty && (
          <div className={grid.c12}>
            <Empty
              title="No requests in this time range"
              command="export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
            >
              Widen the range, or point an OpenTelemetry SDK at Clover:
            </Empty>
          </div>
        )}
        {!empty && (data || !error) && (
          <>
            <div className={grid.c8}>
              <Traffic data={data} dim={answer.isPlaceholderData} />
            </div>
            <div className={`${grid.c4} ${grid.tall}`}>
              <Changes data={data} calls={calls.data} dim={answer.isPlaceholderData} />
            </div>
          </>
        )}
        <div className={grid.c8}>
          <Impact />
        </div>
        <div className={grid.c4}>
          <SystemPanel />
        </div>
      </div>
      <ReportsDrawer />
    </>
  );
}

interface NumbersProps {
  readonly data: OverviewRequests;
  readonly calls: OverviewCalls | undefined;
  /** Nothing is known of the calls, and nothing will soon be. */
  readonly failed: boolean;
}

function Numbers({ data, calls, failed }: NumbersProps) {
  const { now, before, series } = data;
  const entry = calls?.entry;
  const everyHop = entry === null || (failed && !calls);
  const seconds = stepSeconds(data);
  const drawn = (values: readonly (number | null)[]) =>
    wholeValues(values, { ...data, timesMs: series.map((one) => one.timeMs) });
  // Without a whole window before there is nothing to compare with.
  const changed = (value: number, old: number) => (data.beforeCovered ? change(value, old) : null);
  const worse = (value: number, old: number) =>
    (value > old * 1.05 ? 'bad' : value < old * 0.95 ? 'good' : 'plain') as
      | 'bad'
      | 'good'
      | 'plain';
  const p95 = now.latency?.p95Ns ?? null;
  const oldP95 = before.latency?.p95Ns ?? null;
  return (
    <>
      <div className={grid.c3}>
        <Stat
          label={everyHop ? 'Requests, every hop' : 'Requests from outside'}
          value={everyHop ? rate(now.ratePerSecond) : entry && rate(entry.now.ratePerSecond)}
          exact={
            entry
              ? `${exact(Math.round(entry.now.requests))} requests from outside; ${exact(Math.round(now.requests))}, ${rate(now.ratePerSecond)}, with those that services send to each other`
              : `${exact(Math.round(now.requests))} requests, counted at every hop`
          }
          change={
            everyHop
              ? changed(now.requests, before.requests)
              : entry && changed(entry.now.requests, entry.before.requests)
          }
          to={pageHref('/traces')}
        >
          <Sparkline
            wide
            height={30}
            color="var(--accent)"
            values={drawn(series.map((one, step) => one.requests / seconds(step)))}
          />
        </Stat>
      </div>
      <div className={grid.c3}>
        <Stat
          label="Errors"
          value={percent(now.errorRatio)}
          exact={`${exact(Math.round(now.errors))} failed`}
          change={changed(now.errorRatio, before.errorRatio)}
          tone={worse(now.errorRatio, before.errorRatio)}
          to={pageHref('/traces', { status: 'error' })}
        >
          <Sparkline
            wide
            height={30}
            color="var(--mark-5xx)"
            values={drawn(series.map((one) => one.errors))}
          />
        </Stat>
      </div>
      <div className={grid.c3}>
        <Stat
          label="p95 response time"
          value={duration(p95)}
          change={p95 !== null && oldP95 !== null ? changed(p95, oldP95) : null}
          tone={worse(p95 ?? 0, oldP95 ?? 0)}
          to={pageHref('/traces', { sort: 'slowest' })}
        >
          <Sparkline
            wide
            height={30}
            color="var(--info)"
            values={drawn(series.map((one) => one.p95Ns))}
          />
        </Stat>
      </div>
      <div className={grid.c3}>
        <Stat
          label="Lost requests"
          value={calls ? compact(Math.round(calls.lost.now)) : failed ? '–' : undefined}
          change={calls && changed(calls.lost.now, calls.lost.before)}
          tone={calls && worse(calls.lost.now, calls.lost.before)}
          to={pageHref('/map', { view: 'table', red: '1' })}
        >
          <Sparkline
            wide
            height={30}
            color="var(--none)"
            values={
              calls
                ? wholeValues(
                    calls.lostSeries.map((one) => one.lost),
                    { ...calls, timesMs: calls.lostSeries.map((one) => one.timeMs) },
                  )
                : []
            }
          />
        </Stat>
      </div>
    </>
  );
}
