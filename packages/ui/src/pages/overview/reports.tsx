// What the sample services report beside spans: alerts of the IDS, files that were uploaded. A quiet line on the
// overview when there are any, all of them in a drawer.

import { IconFileUpload, IconShieldExclamation } from '@tabler/icons-react';
import type { IdsAlert, UploadReport } from '@clover/model';
import { client } from '../../api/client.ts';
import { Drawer } from '../../components/drawer.tsx';
import { Empty, Failure, MetaNote, SkeletonRows } from '../../components/states.tsx';
import { Table, type Column } from '../../components/table.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { bytes, compact, exact } from '../../format/number.ts';
import { ago, clock, full } from '../../format/time.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { Link } from '../../router/link.tsx';
import { pageHref, searchHref, setSearch, useLocation } from '../../router/location.ts';
import css from './reports.module.css';

const LISTED = 500;

/** Reports have no attributes that the page's filters could be about. */
function rangeOf({ since, start, end }: { since?: string; start?: string; end?: string }) {
  return { ...(since && { since }), ...(start && { start }), ...(end && { end }) };
}

function useAlerts(limit: number) {
  return useAnswer('ids-alerts', { limit }, (query, signal) =>
    client.idsAlerts({ ...rangeOf(query), limit }, { signal }),
  );
}

function useUploads(limit: number) {
  return useAnswer('uploads', { limit }, (query, signal) =>
    client.uploads({ ...rangeOf(query), limit }, { signal }),
  );
}

/** Nothing when nothing was reported. */
export function ReportsStrip() {
  const alerts = useAlerts(1).data;
  const uploads = useUploads(1).data;
  const alert = alerts?.items[0];
  const upload = uploads?.items[0];
  if (!alert && !upload) return null;
  const count = (one: typeof alerts | typeof uploads) =>
    one?.meta.cut?.total ?? one?.items.length ?? 0;
  return (
    <ul className={css.strip} aria-label="Reports">
      {alert && (
        <li>
          <Link to={searchHref({ reports: 'alerts' })} className={css.part}>
            <IconShieldExclamation size={16} stroke={1.75} className={css.warn} aria-hidden />
            <strong title={exact(count(alerts))}>
              {compact(count(alerts))} {count(alerts) === 1 ? 'alert' : 'alerts'} of the IDS
            </strong>
            <span className={css.newest}>{alert.msg}</span>
            <span className={css.when}>{ago(Date.parse(alert.time), Date.now())}</span>
          </Link>
        </li>
      )}
      {upload && (
        <li>
          <Link to={searchHref({ reports: 'uploads' })} className={css.part}>
            <IconFileUpload size={16} stroke={1.75} className={css.quiet} aria-hidden />
            <strong title={exact(count(uploads))}>
              {compact(count(uploads))} {count(uploads) === 1 ? 'upload' : 'uploads'}
            </strong>
            <span className={css.newest}>{upload.name}</span>
            <span className={css.when}>{ago(Date.parse(upload.time), Date.now())}</span>
          </Link>
        </li>
      )}
    </ul>
  );
}

const TABS = [
  { key: 'alerts', title: 'Alerts of the IDS' },
  { key: 'uploads', title: 'Uploads' },
] as const;

/** All of them, when the URL says so. */
export function ReportsDrawer() {
  const { search } = useLocation();
  const tab = useTab('reports', TABS);
  if (!search.has('reports')) return null;
  return (
    <Drawer
      label="Reports of the services"
      wide
      onClose={() => setSearch({ reports: null, alertsFind: null, uploadsFind: null })}
    >
      <div className={css.drawer}>
        <Tabs label="Reports" name="reports" tabs={TABS} named />
        {tab === 'alerts' ? <Alerts /> : <Uploads />}
      </div>
    </Drawer>
  );
}

/** A second on both sides: what happened around a time. */
function around(time: string): Record<string, string | null> {
  const ms = Date.parse(time);
  return { since: null, start: String(ms - 1000), end: String(ms + 1000) };
}

const ALERTS: readonly Column<IdsAlert>[] = [
  {
    key: 'time',
    title: 'Time',
    width: '84px',
    number: (one) => Date.parse(one.time),
    cell: (one) => <span title={full(Date.parse(one.time))}>{clock(Date.parse(one.time))}</span>,
  },
  {
    key: 'msg',
    title: 'Alert',
    width: 'minmax(180px, 2fr)',
    text: (one) => one.msg,
    cell: (one) => (
      <span title={`${one.msg}\n${one.gid}:${one.sid}:${one.rev} ${one.classtype}`}>{one.msg}</span>
    ),
  },
  {
    key: 'priority',
    title: 'Priority',
    width: '84px',
    minor: true,
    hint: '1 is the gravest',
    number: (one) => one.priority,
    cell: (one) => (
      <span className={one.priority === 1 ? css.bad : one.priority === 2 ? css.warn : ''}>
        {one.priority}
      </span>
    ),
  },
  {
    key: 'request',
    title: 'Request',
    width: 'minmax(120px, 1.4fr)',
    minor: true,
    text: (one) => `${one.method} ${one.host} ${one.url} ${one.userAgent}`,
    cell: (one) => (
      <span className="mono" title={`${one.method} ${one.host}${one.url}\n${one.userAgent}`}>
        {one.method} {one.url}
      </span>
    ),
  },
  {
    key: 'from',
    title: 'From',
    width: 'minmax(90px, 1fr)',
    minor: true,
    text: (one) => one.sourceAddress,
    cell: (one) => <span className="mono">{one.sourceAddress}</span>,
  },
];

function Alerts() {
  const answer = useAlerts(LISTED);
  if (answer.error && !answer.data)
    return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!answer.data) return <SkeletonRows rows={8} />;
  if (answer.data.items.length === 0)
    return <Empty title="No alerts in this time range">Nothing matched a rule of the IDS.</Empty>;
  return (
    <>
      <p className={css.note}>
        A row leads to the trace of its request. <MetaNote meta={answer.data.meta} />
      </p>
      <Table
        label="Alerts"
        columns={ALERTS}
        rows={answer.data.items}
        rowKey={(one) => one.id}
        sortKey="alerts"
        rowTo={(one) =>
          one.traceId === ''
            ? pageHref('/traces', around(one.time))
            : pageHref(`/traces/${one.traceId}`)
        }
      />
    </>
  );
}

const UPLOADS: readonly Column<UploadReport>[] = [
  {
    key: 'time',
    title: 'Time',
    width: '84px',
    number: (one) => Date.parse(one.time),
    cell: (one) => <span title={full(Date.parse(one.time))}>{clock(Date.parse(one.time))}</span>,
  },
  {
    key: 'name',
    title: 'File',
    width: 'minmax(120px, 1.4fr)',
    text: (one) => `${one.name} ${one.md5}`,
    cell: (one) => <span title={`${one.path}\nmd5 ${one.md5}`}>{one.name || '(no name)'}</span>,
  },
  {
    key: 'server',
    title: 'Server',
    width: 'minmax(120px, 1.2fr)',
    text: (one) => one.server,
    cell: (one) => one.server,
  },
  {
    key: 'type',
    title: 'Type',
    width: 'minmax(100px, 1fr)',
    minor: true,
    text: (one) => one.contentType,
    cell: (one) => <span title={one.contentType}>{one.contentType}</span>,
  },
  {
    key: 'size',
    title: 'Size',
    width: '90px',
    number: (one) => one.sizeBytes,
    cell: (one) => <span title={exact(one.sizeBytes)}>{bytes(one.sizeBytes)}</span>,
  },
];

function Uploads() {
  const answer = useUploads(LISTED);
  if (answer.error && !answer.data)
    return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!answer.data) return <SkeletonRows rows={8} />;
  if (answer.data.items.length === 0) return <Empty title="No uploads in this time range" />;
  return (
    <>
      <p className={css.note}>
        A row leads to what its server answered then. <MetaNote meta={answer.data.meta} />
      </p>
      <Table
        label="Uploads"
        columns={UPLOADS}
        rows={answer.data.items}
        rowKey={(one) => `${one.server} ${one.path} ${one.time}`}
        sortKey="uploads"
        rowTo={(one) =>
          pageHref('/traces', { ...around(one.time), filter: [`node=${one.server}`] })
        }
      />
    </>
  );
}
