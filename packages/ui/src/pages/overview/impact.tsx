import type { ServicesAnswer, ServiceSummary } from '@clover/model';
import { wholeValues } from '@clover/model/whole-steps';
import { client } from '../../api/client.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { ErrorRatio } from '../../components/error-ratio.tsx';
import { Panel } from '../../components/panel.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { serviceColor } from '../../domain/service-color.ts';
import { duration } from '../../format/duration.ts';
import { rate } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { pageHref } from '../../router/location.ts';

/** Time that callers spend waiting for it, failures counted ten times. */
const impactOf = (one: ServiceSummary) =>
  one.requests * (one.latency?.avgNs ?? 0) * (1 + 10 * one.errorRatio);

const columns = (answer: ServicesAnswer): readonly Column<ServiceSummary>[] => [
  {
    key: 'service',
    title: 'Service',
    width: 'minmax(160px, 2fr)',
    text: (one) => one.service,
    cell: (one) => <ServiceName service={one.service} plain />,
  },
  {
    key: 'impact',
    title: 'Impact',
    hint: 'requests × time, failures weigh ten times',
    number: impactOf,
    cell: (one) => duration(impactOf(one)),
    minor: true,
  },
  {
    key: 'rate',
    title: 'Rate',
    number: (one) => one.ratePerSecond,
    cell: (one) => rate(one.ratePerSecond),
  },
  {
    key: 'errors',
    title: 'Errors',
    number: (one) => one.errorRatio,
    cell: (one) => <ErrorRatio ratio={one.errorRatio} errors={one.errors} />,
  },
  {
    key: 'p95',
    title: 'p95',
    number: (one) => one.latency?.p95Ns ?? null,
    cell: (one) => duration(one.latency?.p95Ns),
  },
  {
    key: 'shape',
    title: 'p95 over time',
    width: '116px',
    minor: true,
    cell: (one) => (
      <Sparkline
        values={wholeValues(one.p95Series, answer)}
        color={serviceColor(one.service)}
        width={96}
      />
    ),
  },
];

/** Services by how much they matter to those who wait. */
export function Impact() {
  const answer = useAnswer('services', {}, (query, signal) => client.services(query, { signal }));
  return (
    <Panel
      title="Services by impact"
      flush
      dim={answer.isPlaceholderData}
      aside={<MetaNote meta={answer.data?.meta} />}
    >
      {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
      {!answer.data && !answer.error && <SkeletonRows rows={7} />}
      {answer.data?.items.length === 0 && <Empty title="No services in this time range" />}
      {answer.data && answer.data.items.length > 0 && (
        <Table
          label="Services by impact"
          columns={columns(answer.data)}
          rows={answer.data.items}
          rowKey={(one) => one.service}
          defaultSort="impact"
          maxHeight={420}
          rowTo={(one) => pageHref(`/services/${encodeURIComponent(one.service)}`)}
        />
      )}
    </Panel>
  );
}
