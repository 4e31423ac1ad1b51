// What is asked of the whole system and how it is answered, by one key after the other.

import type { CountsAnswer } from '@clover/model';
import { client } from '../../api/client.ts';
import { CountsTable } from '../../components/counts-table.tsx';
import { HttpDetails } from '../../components/http-details.tsx';
import { Panel } from '../../components/panel.tsx';
import { MetaNote } from '../../components/states.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { useAnswer } from '../../hooks/use-answer.ts';
import css from './services.module.css';
import { StatusClasses } from '../../components/status-classes.tsx';

const TABS = [
  { key: 'url', title: 'URLs', by: ['url'], titles: ['URL'] },
  { key: 'status', title: 'Status codes', by: ['statusCode'], titles: ['Status'] },
  { key: 'agent', title: 'User agents', by: ['userAgent'], titles: ['User agent'] },
  {
    key: 'service-url',
    title: 'Services and URLs',
    by: ['service', 'url'],
    titles: ['Service', 'URL'],
  },
  {
    key: 'service-status',
    title: 'Services and status codes',
    by: ['service', 'statusCode'],
    titles: ['Service', 'Status'],
  },
  { key: 'details', title: 'HTTP details', by: ['url'], titles: ['URL'] },
] as const;

/** Requests by URL, status code, user agent, over all services. */
export function Traffic() {
  const chosen = useTab('traffic', TABS);
  const tab = TABS.find((one) => one.key === chosen)!;
  const by = tab.by.join();
  const answer = useAnswer<CountsAnswer>('counts', { by }, (query, signal) =>
    client.counts({ ...query, by, limit: 100 }, { signal }),
  );
  return (
    <section className={css.section} aria-label="Traffic of all services">
      <h2 className={css.heading}>Traffic of all services</h2>
      <StatusClasses />
      <Tabs label="Traffic by" name="traffic" tabs={TABS} />
      {tab.key === 'details' ? (
        <HttpDetails />
      ) : (
        <Panel flush dim={answer.isPlaceholderData}>
          <CountsTable
            key={by}
            answer={answer.data?.by.join() === by ? answer.data : undefined}
            error={answer.error}
            onRetry={answer.refetch}
            titles={tab.titles}
            keys={tab.by}
            maxHeight={480}
          />
          <p className={css.note}>
            <MetaNote meta={answer.data?.meta} />
          </p>
        </Panel>
      )}
    </section>
  );
}
