import type { TraceDetail } from '@clover/model';
import { Panel } from '../../components/panel.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { duration } from '../../format/duration.ts';
import { percent } from '../../format/number.ts';
import css from './trace.module.css';

type Item = TraceDetail['services'][number];

/** Whose own time it was, and how much of it the caller waited for. */
export function SelfTimes({ trace }: { readonly trace: TraceDetail }) {
  const columns: readonly Column<Item>[] = [
    {
      key: 'service',
      title: 'Service',
      width: 'minmax(160px, 2fr)',
      text: (one) => one.service,
      cell: (one) => <ServiceName service={one.service} />,
    },
    {
      key: 'spans',
      title: 'Spans',
      minor: true,
      number: (one) => one.spans,
      cell: (one) => one.spans,
    },
    {
      key: 'self',
      title: 'Self time',
      hint: 'not waiting for a child span',
      number: (one) => one.selfTimeNs,
      cell: (one) => duration(one.selfTimeNs),
    },
    {
      key: 'critical',
      title: 'Critical path',
      hint: 'on the critical path',
      number: (one) => one.criticalNs,
      cell: (one) => duration(one.criticalNs),
    },
    {
      key: 'share',
      title: 'Share of the trace',
      minor: true,
      number: (one) => one.criticalNs,
      cell: (one) => percent(one.criticalNs / Math.max(1, trace.durationNs)),
    },
  ];
  return (
    <Panel title="Critical path by service" flush className={css.below ?? ''}>
      <Table
        label="Critical path by service"
        columns={columns}
        rows={trace.services}
        rowKey={(one) => one.service}
        defaultSort="critical"
        sortKey="self"
      />
    </Panel>
  );
}
