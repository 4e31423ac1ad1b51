import type { WorkloadStatus } from '@clover/model';
import { LastSeen } from '../../components/last-seen.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import { Empty, Failure, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import css from './traffic.module.css';
import { useWorkloads } from './use-traffic.ts';

const COLUMNS: readonly Column<WorkloadStatus>[] = [
  {
    key: 'name',
    title: 'Workload',
    width: 'minmax(150px, 1.6fr)',
    text: (one) => one.name,
    cell: (one) => <span title={`${one.namespace}/${one.name}`}>{one.name}</span>,
  },
  {
    key: 'service',
    title: 'Service',
    width: 'minmax(130px, 1.4fr)',
    text: (one) => one.service,
    cell: (one) => <ServiceName service={one.service} />,
  },
  {
    key: 'labels',
    title: 'Labels',
    minor: true,
    width: 'minmax(120px, 1.4fr)',
    text: (one) => labelsOf(one),
    cell: (one) => <span className="mono">{labelsOf(one)}</span>,
  },
  {
    key: 'address',
    title: 'Listens at',
    minor: true,
    width: 'minmax(140px, 1.4fr)',
    text: (one) => one.address,
    cell: (one) => (
      <span className="mono">
        {one.ports.length === 0
          ? 'only calls others'
          : one.ports.map(({ targetPort }) => `${one.address}:${targetPort}`).join(' ')}
      </span>
    ),
  },
  {
    key: 'proxy',
    title: 'Its proxy',
    minor: true,
    width: 'minmax(140px, 1.2fr)',
    cell: (one) =>
      one.listeners?.httpProxy ? (
        <span className="mono">{one.listeners.httpProxy}</span>
      ) : (
        <span className={css.quiet}>none</span>
      ),
  },
  {
    key: 'joined',
    title: 'Joined',
    width: '110px',
    number: (one) => Date.parse(one.joinedAt),
    cell: (one) => <LastSeen at={one.joinedAt} />,
  },
];

const labelsOf = (one: WorkloadStatus) =>
  Object.entries(one.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Programs that are in the mesh. */
export function WorkloadsTable() {
  const answer = useWorkloads();
  if (answer.error && !answer.data)
    return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!answer.data) return <SkeletonRows rows={4} />;
  if (answer.data.items.length === 0) {
    return (
      <Empty
        title="No program is in the mesh"
        command="cloverctl mesh run --service my-service --label version=v1 --port 9180 -- COMMAND"
      >
        One command takes a program in; when it ends it is out again:
      </Empty>
    );
  }
  return (
    <Table
      label="Workloads"
      columns={COLUMNS}
      rows={answer.data.items}
      rowKey={(one) => `${one.namespace}/${one.name}`}
      defaultSort="name"
      sortKey="workloads"
    />
  );
}
