// Which service is slow or failing, and which are tracked?

import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ServicesAnswer, ServiceSummary } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import { isTracked } from '@clover/model/tracked-metrics';
import { client } from '../../api/client.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { ErrorRatio } from '../../components/error-ratio.tsx';
import { LastSeen } from '../../components/last-seen.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { serviceColor } from '../../domain/service-color.ts';
import { duration } from '../../format/duration.ts';
import { compact, exact, rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';
import css from './services.module.css';
import { Traffic } from './traffic.tsx';

export default function ServicesPage() {
  const answer = useAnswer('services', {}, (query, signal) => client.services(query, { signal }));
  const visibility = useQuery({
    queryKey: ['visibility'],
    queryFn: ({ signal }) => client.visibility({}, { signal }),
  });
  const chosen = visibility.data?.services ?? [];
  const [text, setText] = useState('');
  const tracking = useTracking(chosen, answer.data?.items.map((one) => one.service) ?? []);
  const rows =
    answer.data?.items.filter((one) => one.service.toLowerCase().includes(text.toLowerCase())) ??
    [];
  const tracked = answer.data?.items.filter((one) => isTracked(one.service, chosen)).length ?? 0;
  return (
    <>
      <PageHead
        title="Services"
        sub={
          answer.data && (
            <>
              {answer.data.items.length} discovered ·{' '}
              {chosen.length === 0 ? 'all tracked' : `${tracked} tracked`}{' '}
              <MetaNote meta={answer.data.meta} />
            </>
          )
        }
      >
        <SearchBox label="Find a service" value={text} onChange={setText} />
        <CommandMenu command="cloverctl get services" json={answer.data?.items} />
      </PageHead>
      <Panel flush dim={answer.isPlaceholderData}>
        {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
        {!answer.data && !answer.error && <SkeletonRows rows={10} height={36} />}
        {answer.data?.items.length === 0 && (
          <Empty title="No services in this time range" command="cloverctl import traces.json.gz">
            Services appear with their first span. Connect a source, or import a file:
          </Empty>
        )}
        {answer.data && answer.data.items.length > 0 && (
          <Table
            label="Services"
            columns={columns(tracking, answer.data)}
            rows={rows}
            rowKey={(one) => one.service}
            defaultSort="rate"
            maxHeight="max(420px, 100vh - 300px)"
            rowTo={(one) => pageHref(`/services/${encodeURIComponent(one.service)}`)}
            searched
          />
        )}
      </Panel>
      {answer.data && answer.data.items.length > 0 && <Traffic />}
    </>
  );
}

interface Tracking {
  isTracked(service: string): boolean;
  toggle(service: string): void;
  readonly busy: boolean;
}

/** No name chosen means all are tracked; the first one left out turns that into a list. */
function useTracking(chosen: readonly string[], all: readonly string[]): Tracking {
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (services: string[]) =>
      client.visibilitySet({ services: services.map((name) => ({ name })) }),
    onSuccess: (status) => {
      queries.setQueryData(['visibility'], status);
      void queries.invalidateQueries({ queryKey: ['services'] });
      void queries.invalidateQueries({ queryKey: ['system'] });
    },
  });
  return {
    isTracked: (service) => isTracked(service, chosen),
    toggle(service) {
      // A name that was chosen in another spelling, or that sends nothing now, stays chosen.
      const kept = chosen.filter((name) => !isTracked(service, [name]));
      const next =
        chosen.length === 0
          ? all.filter((name) => name !== service)
          : kept.length < chosen.length
            ? kept
            : [...chosen, service];
      set.mutate(all.every((name) => isTracked(name, next)) ? [] : [...next]);
    },
    busy: set.isPending,
  };
}

function columns(tracking: Tracking, answer: ServicesAnswer): readonly Column<ServiceSummary>[] {
  return [
    {
      key: 'tracked',
      title: 'Track',
      width: '64px',
      hint: 'Tracked services are pulled from Jaeger and Prometheus',
      minor: true,
      cell: (one) => (
        <label className={css.check}>
          <input
            type="checkbox"
            checked={tracking.isTracked(one.service)}
            disabled={tracking.busy}
            onChange={() => tracking.toggle(one.service)}
            aria-label={`Track ${one.service}`}
          />
        </label>
      ),
    },
    {
      key: 'service',
      title: 'Service',
      width: 'minmax(170px, 2fr)',
      text: (one) => one.service,
      cell: (one) => <ServiceName service={one.service} plain />,
    },
    {
      key: 'versions',
      title: 'Versions',
      minor: true,
      text: (one) => one.versions.join(),
      cell: (one) => <Versions versions={one.versions} />,
    },
    {
      key: 'nodes',
      title: 'Instances',
      width: '92px',
      minor: true,
      number: (one) => one.nodes,
      cell: (one) => exact(one.nodes),
    },
    {
      key: 'requests',
      title: 'Requests',
      number: (one) => one.requests,
      cell: (one) => <span title={exact(one.requests)}>{compact(one.requests)}</span>,
    },
    {
      key: 'rate',
      title: 'Rate',
      number: (one) => one.ratePerSecond,
      cell: (one) => rate(one.ratePerSecond),
      minor: true,
    },
    {
      key: 'errors',
      title: 'Errors',
      number: (one) => one.errorRatio,
      cell: (one) => <ErrorRatio ratio={one.errorRatio} errors={one.errors} />,
    },
    {
      key: 'p50',
      title: 'p50',
      minor: true,
      number: (one) => one.latency?.p50Ns ?? null,
      cell: (one) => duration(one.latency?.p50Ns),
    },
    {
      key: 'p95',
      title: 'p95',
      number: (one) => one.latency?.p95Ns ?? null,
      cell: (one) => duration(one.latency?.p95Ns),
    },
    {
      key: 'p99',
      title: 'p99',
      minor: true,
      number: (one) => one.latency?.p99Ns ?? null,
      cell: (one) => duration(one.latency?.p99Ns),
    },
    {
      key: 'shape',
      title: 'Requests over time',
      width: '132px',
      minor: true,
      cell: (one) => (
        <Sparkline
          values={wholeValues(one.requestSeries, answer)}
          color={serviceColor(one.service)}
          width={108}
        />
      ),
    },
    {
      key: 'seen',
      title: 'Last seen',
      width: '110px',
      minor: true,
      number: (one) => (one.lastSeen === null ? null : Date.parse(one.lastSeen)),
      cell: (one) => <LastSeen at={one.lastSeen} />,
    },
  ];
}

function Versions({ versions }: { readonly versions: readonly string[] }) {
  return (
    <span className={css.versions}>
      {versions
        .filter((one) => one !== '')
        .slice(0, 3)
        .map((one) => (
          <span key={one} className={css.version}>
            {one}
          </span>
        ))}
      {versions.length > 3 && <span>+{versions.length - 3}</span>}
    </span>
  );
}
