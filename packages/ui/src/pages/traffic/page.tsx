// Does traffic go where it is told to?

import { useMemo } from 'react';
import type { MeshAnswer, TrafficResourcesAnswer } from '@clover/model';
import { Button } from '../../components/button.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { Empty, Failure, Skeleton } from '../../components/states.tsx';
import { Tabs, useTab } from '../../components/tabs.tsx';
import { setSearch, useLocation } from '../../router/location.ts';
import grid from '../../styles/grid.module.css';
import { EditorDrawer } from './editor-drawer.tsx';
import { ExplainBox } from './explain-box.tsx';
import { FaultsPanel } from './faults-panel.tsx';
import { Findings } from './findings.tsx';
import { HistoryList } from './history-list.tsx';
import { resourceKey, ResourcesTable } from './resources-table.tsx';
import { RoutesPanel } from './routes-panel.tsx';
import css from './traffic.module.css';
import { useEffective, useMesh, useResources } from './use-traffic.ts';
import { WorkloadsTable } from './workloads-table.tsx';

export default function TrafficPage() {
  const { search } = useLocation();
  const answer = useResources();
  const mesh = useMesh();
  const services = useServiceNames();
  const edit = search.get('edit');
  const { data } = answer;
  const edited = data?.items.find((one) => resourceKey(one) === edit);
  return (
    <>
      <PageHead title="Traffic" sub={data && <Summary answer={data} mesh={mesh.data} />}>
        <CommandMenu command="cloverctl get virtualservices" json={data?.items} />
        <Button onClick={() => setSearch({ edit: 'new' })}>New resource</Button>
      </PageHead>
      <div className={grid.grid}>
        <div className={`${grid.c8} ${css.stack}`}>
          {answer.error && !data && (
            <Panel>
              <Failure error={answer.error} onRetry={answer.refetch} />
            </Panel>
          )}
          {!data && !answer.error && (
            <Panel title="Routes">
              <Skeleton height={220} />
            </Panel>
          )}
          {data?.items.length === 0 && (
            <Panel>
              <Empty
                title="No traffic resources yet"
                command="cloverctl apply -f examples/traffic/mesh"
              >
                Each service gets what is sent to it. VirtualServices and the like change that;
                write one here, or apply files:
              </Empty>
            </Panel>
          )}
          {data && data.items.length > 0 && <RoutesPanel answer={data} />}
          {data && <Lists answer={data} chosen={edit ?? undefined} />}
        </div>
        <div className={`${grid.c4} ${css.stack}`}>
          <ExplainBox callers={services} />
          <FaultsPanel services={services} />
        </div>
      </div>
      {edit === 'new' && data && <EditorDrawer all={data.items} revision={data.revision} />}
      {edited && (
        <EditorDrawer key={edit} resource={edited} all={data!.items} revision={data!.revision} />
      )}
    </>
  );
}

/** Services by their short names. */
function useServiceNames(): string[] {
  const { data } = useEffective();
  return useMemo(
    () => [...new Set(data?.services.map(({ host }) => host.split('.')[0]!))].toSorted(),
    [data],
  );
}

const PLANE: Readonly<Record<MeshAnswer['dataPlane']['state'], string>> = {
  off: 'no data plane enforces it',
  starting: 'the data plane is starting',
  up: 'enforced',
  down: 'the data plane is down',
};

function Summary({
  answer,
  mesh,
}: {
  readonly answer: TrafficResourcesAnswer;
  readonly mesh: MeshAnswer | undefined;
}) {
  const findings = answer.items.flatMap((one) => one.findings);
  const grave = findings.filter((one) => one.severity !== 'info').length;
  const state = mesh?.dataPlane.state;
  return (
    <>
      revision {answer.revision} · {answer.items.length} resources ·{' '}
      {grave === 0 ? 'no findings' : `${grave} ${grave === 1 ? 'finding' : 'findings'}`}
      {state !== undefined && (
        <>
          {' · '}
          <span className={state === 'down' ? css.bad : undefined} title={mesh?.dataPlane.detail}>
            {PLANE[state]}
          </span>
        </>
      )}
      {mesh &&
        mesh.workloads > 0 &&
        ` · ${mesh.workloads} ${mesh.workloads === 1 ? 'workload' : 'workloads'}`}
    </>
  );
}

function Lists({
  answer,
  chosen,
}: {
  readonly answer: TrafficResourcesAnswer;
  readonly chosen: string | undefined;
}) {
  const findings = answer.items.flatMap((one) => one.findings.map((finding) => ({ one, finding })));
  const tabs = [
    { key: 'resources', title: 'Resources', note: String(answer.items.length) },
    { key: 'findings', title: 'Findings', note: String(findings.length) },
    { key: 'workloads', title: 'Workloads' },
    { key: 'history', title: 'History' },
  ];
  const tab = useTab('list', tabs);
  return (
    <div>
      <Tabs label="Traffic" name="list" tabs={tabs} />
      <Panel flush className={css.list ?? ''}>
        {tab === 'resources' &&
          (answer.items.length === 0 ? (
            <p className={`${css.quiet} ${css.padded}`}>None yet.</p>
          ) : (
            <ResourcesTable answer={answer} chosen={chosen} />
          ))}
        {tab === 'findings' &&
          (findings.length === 0 ? (
            <p className={`${css.quiet} ${css.padded}`}>No findings.</p>
          ) : (
            <Findings
              named
              findings={findings.map(({ finding }) => finding)}
              onOpen={(finding) => {
                const found = findings.find((each) => each.finding === finding);
                if (found) setSearch({ edit: resourceKey(found.one) });
              }}
            />
          ))}
        {tab === 'workloads' && <WorkloadsTable />}
        {tab === 'history' && <HistoryList />}
      </Panel>
    </div>
  );
}
