import type { TrafficResource, TrafficResourcesAnswer } from '@clover/model';
import { RESOURCE_KINDS } from '@clover/model/resource-kinds';
import { LastSeen } from '../../components/last-seen.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { searchHref } from '../../router/location.ts';
import { FindingCount } from './findings.tsx';
import css from './traffic.module.css';

const ORDER = new Map(RESOURCE_KINDS.map(({ kind }, index) => [kind, index]));

export const resourceKey = (one: TrafficResource): string =>
  `${one.kind}/${one.namespace}/${one.name}`;

const WEIGHTS = { error: 10_000, warning: 100, info: 1 } as const;

const COLUMNS: readonly Column<TrafficResource>[] = [
  {
    key: 'name',
    title: 'Name',
    width: 'minmax(150px, 2fr)',
    text: (one) => one.name,
    cell: (one) => <span title={one.name}>{one.name}</span>,
  },
  {
    key: 'kind',
    title: 'Kind',
    width: 'minmax(148px, 1.3fr)',
    text: (one) => `${String(ORDER.get(one.kind) ?? 99).padStart(2, '0')} ${one.name}`,
    cell: (one) => one.kind,
  },
  {
    key: 'namespace',
    title: 'Namespace',
    minor: true,
    text: (one) => one.namespace,
    cell: (one) => one.namespace,
  },
  {
    key: 'findings',
    title: 'Findings',
    width: 'minmax(100px, 1fr)',
    number: (one) => one.findings.reduce((sum, { severity }) => sum + WEIGHTS[severity], 0),
    cell: (one) => <FindingCount findings={one.findings} />,
  },
  {
    key: 'revision',
    title: 'Revision',
    width: '90px',
    minor: true,
    number: (one) => one.revision,
    cell: (one) => one.revision,
  },
  {
    key: 'by',
    title: 'Changed by',
    minor: true,
    text: (one) => one.changedBy,
    cell: (one) => <span className={css.quiet}>{one.changedBy}</span>,
  },
  {
    key: 'at',
    title: 'Changed',
    width: '120px',
    minor: true,
    number: (one) => Date.parse(one.changedAt),
    cell: (one) => <LastSeen at={one.changedAt} />,
  },
];

/** What was applied; a row opens the editor. */
export function ResourcesTable({
  answer,
  chosen,
}: {
  readonly answer: TrafficResourcesAnswer;
  readonly chosen: string | undefined;
}) {
  return (
    <Table
      label="Resources"
      columns={COLUMNS}
      rows={answer.items}
      rowKey={resourceKey}
      defaultSort="kind"
      selected={chosen}
      rowTo={(one) => searchHref({ edit: resourceKey(one) })}
    />
  );
}
