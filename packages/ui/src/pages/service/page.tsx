// Why is this one slow or failing?

import { client } from '../../api/client.ts';
import type { Exemplar } from '../../charts/chart-overlay.ts';
import { Heatmap } from '../../charts/heatmap.tsx';
import { LateNote } from '../../charts/late-note.tsx';
import { Legend } from '../../charts/legend.tsx';
import { type ChartSeries, TimeChart } from '../../charts/time-chart.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, MetaNote, Skeleton } from '../../components/states.tsx';
import { Stat } from '../../components/stat.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { serviceColor } from '../../domain/service-color.ts';
import { duration } from '../../format/duration.ts';
import { compact, exact, percent, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { navigate, pageHref, searchHref } from '../../router/location.ts';
import grid from '../../styles/grid.module.css';
import css from './service.module.css';
import { TABS, TabContent } from './tabs.tsx';
import { useExemplars } from './use-exemplars.ts';
import { WhatDiffers } from './what-differs.tsx';

export default function ServicePage({ param: service }: { readonly param: string }) {
  const scoped = useAnswer('services', { service }, (query, signal) =>
    client.services({ ...query, service }, { signal }),
  );
  const rates = useAnswer('rates', { service }, (query, signal) =>
    client.rates({ ...query, service, by: 'service', limit: 1 }, { signal }),
  );
  const heatmap = useAnswer(
    'heatmap',
    { service },
    (query, signal) => client.latencyHeatmap({ ...query, service, columns: 90 }, { signal }),
    { liveMs: 10_000 },
  );
  const summary = scoped.data?.items.find((one) => one.service === service);
  const tab = useTab('tab', TABS);
  const own = (more: Record<string, string> = {}) => pageHref('/traces', { service, ...more });
  return (
    <>
      <PageHead
        title={
          <>
            <span className={css.dot} style={{ background: serviceColor(service) }} aria-hidden />
            {service}
          </>
        }
        sub={
          summary &&
          [
            summary.versions.filter((one) => one !== '').join(', '),
            `${summary.nodes} ${summary.nodes === 1 ? 'instance' : 'instances'}`,
            `${exact(summary.spans)} spans`,
          ]
            .filter((one) => one !== '')
            .join(' · ')
        }
      >
        <CommandMenu command={`cloverctl get operations --service ${service}`} json={summary} />
      </PageHead>
      {scoped.error && !scoped.data ? (
        <Failure error={scoped.error} onRetry={scoped.refetch} />
      ) : scoped.data && !summary && !scoped.isPlaceholderData ? (
        <Panel>
          <Empty title={`No spans of ${service} in this time range`}>
            Widen the range, take filters away, or see on the page of services who sends some.
          </Empty>
        </Panel>
      ) : (
        <div className={grid.grid}>
          <div className={grid.c3}>
            <Stat
              label="Requests"
              value={summary ? rate(summary.ratePerSecond) : '–'}
              {...(summary && { exact: `${exact(summary.requests)} requests` })}
              to={own()}
            />
          </div>
          <div className={grid.c3}>
            <Stat
              label="Errors"
              value={summary ? percent(summary.errorRatio) : '–'}
              {...(summary && { exact: `${exact(summary.errors)} failed` })}
              to={own({ status: 'error' })}
            />
          </div>
          <div className={grid.c3}>
            <Stat
              label="p50 · p95"
              value={
                summary?.latency
                  ? `${duration(summary.latency.p50Ns)} · ${duration(summary.latency.p95Ns)}`
                  : '–'
              }
              to={own({ sort: 'slowest' })}
            />
          </div>
          <div className={grid.c3}>
            <Stat
              label="p99 · slowest"
              value={
                summary?.latency
                  ? `${duration(summary.latency.p99Ns)} · ${duration(summary.latency.maxNs)}`
                  : '–'
              }
              to={own({ sort: 'slowest' })}
            />
          </div>
          <Red service={service} rates={rates.data} dim={rates.isPlaceholderData} />
          <div className={grid.c12}>
            <Panel
              title="Response times"
              dim={heatmap.isPlaceholderData}
              aside={
                <>
                  drag over it to see the traces, or what is different about them{' '}
                  <MetaNote meta={heatmap.data?.meta} />
                </>
              }
            >
              {heatmap.data ? (
                <Heatmap
                  label="Response times"
                  data={heatmap.data}
                  brushTo={(brush) =>
                    searchHref({
                      slow: `${brush.startMs}-${brush.endMs}-${Math.floor(brush.minNs)}-${Math.ceil(brush.maxNs)}`,
                    })
                  }
                />
              ) : heatmap.error ? (
                <Failure error={heatmap.error} onRetry={heatmap.refetch} />
              ) : (
                <Skeleton height={240} />
              )}
            </Panel>
          </div>
          <WhatDiffers service={service} />
          <div className={grid.c12}>
            <Tabs label="About this service" name="tab" tabs={TABS} />
            <TabContent tab={tab} service={service} />
          </div>
        </div>
      )}
    </>
  );
}

type RatesData = Awaited<ReturnType<typeof client.rates>>;

interface RedChart {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly series: readonly ChartSeries[];
  readonly latency?: boolean;
  readonly exemplars?: readonly Exemplar[];
  /** What of the traces page shows the traces behind it. */
  readonly leadsTo?: Readonly<Record<string, string>>;
}

/** Rate, errors, durations in a row with one cursor. */
function Red({
  service,
  rates,
  dim,
}: {
  readonly service: string;
  readonly rates: RatesData | undefined;
  readonly dim: boolean;
}) {
  const one = rates?.series[0];
  const exemplars = useExemplars(service, rates?.stepMs);
  const empty = rates?.timesMs.map(() => null) ?? [];
  const charts: readonly RedChart[] = [
    {
      title: 'Rate',
      format: rate,
      series: [
        { label: 'requests', color: 'var(--accent)', values: one?.requests ?? empty, fill: true },
      ],
    },
    {
      title: 'Errors',
      format: rate,
      leadsTo: { status: 'error' },
      series: [
        { label: 'failed', color: 'var(--mark-5xx)', values: one?.errors ?? empty, fill: true },
      ],
    },
    {
      title: 'Duration',
      latency: true,
      exemplars,
      leadsTo: { sort: 'slowest' },
      format: (value: number) => duration(value),
      series: [
        { label: 'p50', color: 'var(--good)', values: one?.p50Ns ?? empty },
        { label: 'p95', color: 'var(--info)', values: one?.p95Ns ?? empty },
        { label: 'p99', color: 'var(--none)', values: one?.p99Ns ?? empty },
      ],
    },
    {
      title: 'In flight',
      format: compact,
      series: [
        { label: 'in flight', color: 'var(--warn)', values: one?.inFlight ?? empty, fill: true },
      ],
    },
  ];
  return (
    <>
      {charts.map((chart) => (
        <div key={chart.title} className={grid.chart}>
          <Panel
            title={chart.title}
            dim={dim}
            aside={
              <>
                {rates && chart.series.length === 1 && <LateNote {...rates} />}
                {chart.series.length > 1 && <Legend items={chart.series} />}
              </>
            }
          >
            {rates ? (
              <TimeChart
                label={chart.title}
                timesMs={rates.timesMs}
                stepMs={rates.stepMs}
                series={chart.series}
                format={chart.format}
                height={150}
                whole={rates}
                syncKey="red"
                latency={chart.latency ?? false}
                {...(chart.exemplars && { exemplars: chart.exemplars })}
                onPick={(time) =>
                  navigate(
                    pageHref('/traces', {
                      service,
                      ...chart.leadsTo,
                      since: null,
                      start: String(time),
                      end: String(time + rates.stepMs),
                    }),
                  )
                }
              />
            ) : (
              <Skeleton height={150} />
            )}
          </Panel>
        </div>
      ))}
    </>
  );
}
