// Who calls whom, and where does it hurt?

import { useMemo } from 'react';
import type { GraphEdge } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { CommandMenu } from '../../components/command-menu.tsx';
import { Drawer } from '../../components/drawer.tsx';
import { PageHead } from '../../components/page-head.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { Empty, Failure, MetaNote, Skeleton } from '../../components/states.tsx';
import { exact } from '../../format/number.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { setSearch, useLocation } from '../../router/location.ts';
import { useEffective, useFaults } from '../traffic/use-traffic.ts';
import { Canvas } from './canvas.tsx';
import { COLLAPSE_FROM, collapsed, namespaceOf } from './collapse.ts';
import { EdgeDetails } from './edge-details.tsx';
import { EdgeTable } from './edge-table.tsx';
import css from './map.module.css';
import { meshMarks, serviceOf } from './mesh-marks.ts';
import { NodeDetails } from './node-details.tsx';
import { edgeKey, isRed, shownGraph } from './shown-graph.ts';
import { useEjections } from './use-ejections.ts';

export default function MapPage() {
  const { search } = useLocation();
  const focus = search.get('focus') ?? undefined;
  const hops = Number(search.get('hops') ?? 1) || 1;
  const onlyRed = search.get('red') === '1';
  const table = search.get('view') === 'table';
  const find = search.get('find') ?? '';
  const answer = useAnswer(
    'graph',
    { focus, hops },
    (query, signal) =>
      client.graph({ ...query, ...(focus !== undefined && { focus, hops }) }, { signal }),
    { liveMs: 8000 },
  );
  const open = search.getAll('open').join('\n');
  const whole = search.get('whole') === '1';
  const large = (answer.data?.nodes.length ?? 0) > COLLAPSE_FROM;
  const all = useMemo(
    () => (answer.data ? shownGraph(answer.data, { onlyRed }) : undefined),
    [answer.data, onlyRed],
  );
  const folded = large && !whole && !onlyRed;
  const fold = search.getAll('fold').join('\n');
  const graph = useMemo(() => {
    if (!all || (!folded && fold === '')) return all;
    const opened = new Set(folded ? (open === '' ? [] : open.split('\n')) : []);
    if (!folded) {
      const shut = new Set(fold.split('\n'));
      for (const { namespace } of all.nodes) if (!shut.has(namespace)) opened.add(namespace);
    }
    const hit =
      find.length > 1
        ? all.nodes.find((one) => one.service.toLowerCase().includes(find.toLowerCase()))
        : undefined;
    return collapsed(all, hit ? opened.add(hit.namespace) : opened);
  }, [all, folded, fold, open, find]);
  const edge = answer.data?.edges.find((one) => edgeKey(one) === search.get('edge'));
  const node = answer.data?.nodes.find((one) => one.service === search.get('node'));
  const red = answer.data?.edges.filter(isRed).length ?? 0;
  const { data: faults } = useFaults();
  const { data: effective } = useEffective();
  const ejections = useEjections(effective);
  const marks = useMemo(
    () => meshMarks(faults?.items ?? [], effective, ejections),
    [faults, effective, ejections],
  );
  return (
    <>
      <PageHead
        title={focus === undefined ? 'Map' : `Map around ${focus}`}
        sub={
          answer.data &&
          `${exact(answer.data.nodes.length)} services · ${exact(answer.data.edges.length)} edges${red > 0 ? ` · ${exact(red)} in trouble` : ' · none in trouble'}`
        }
      >
        <SearchBox
          label="Find on the map"
          value={find}
          onChange={(value) => setSearch({ find: value || null }, { replace: true })}
          width={180}
        />
        <Button
          aria-pressed={onlyRed}
          className={onlyRed ? (css.on ?? '') : ''}
          onClick={() => setSearch({ red: onlyRed ? null : '1' })}
        >
          Only what is red
        </Button>
        {large && !onlyRed && (
          <Button
            aria-pressed={whole}
            onClick={() => setSearch({ whole: whole ? null : '1', open: null })}
          >
            {whole ? 'By namespace' : 'All services'}
          </Button>
        )}
        {focus !== undefined && (
          <>
            <Button onClick={() => setSearch({ hops: String(hops + 1) })}>One hop more</Button>
            <Button onClick={() => setSearch({ focus: null, hops: null })}>Whole map</Button>
          </>
        )}
        <Button aria-pressed={table} onClick={() => setSearch({ view: table ? null : 'table' })}>
          {table ? 'As a map' : 'As a table'}
        </Button>
        <CommandMenu command="cloverctl graph" json={answer.data} />
      </PageHead>
      <Panel flush dim={answer.isPlaceholderData} className={css.panel ?? ''}>
        {answer.error && !answer.data && <Failure error={answer.error} onRetry={answer.refetch} />}
        {!answer.data && !answer.error && (
          <div className={css.loading}>
            <Skeleton height={420} />
          </div>
        )}
        {graph?.nodes.length === 0 && (
          <Empty
            title={onlyRed ? 'Nothing is red' : 'No calls in this time range'}
            {...(!onlyRed && { command: 'cloverctl import traces.json.gz' })}
          >
            {onlyRed
              ? 'No edge loses or fails more than a percent of its requests.'
              : 'The map is drawn from spans: connect a source, or import a file.'}
          </Empty>
        )}
        {graph &&
          graph.nodes.length > 0 &&
          (table ? (
            <EdgeTable edges={found(all?.edges ?? [], find)} />
          ) : (
            <Canvas
              graph={graph}
              find={find}
              marks={marks}
              selected={node?.service ?? (edge && edgeKey(edge))}
              onNode={openNode}
              onEdge={openEdge}
              onFold={foldNamespace}
            />
          ))}
      </Panel>
      <p className={css.foot}>
        <MetaNote meta={answer.data?.meta} />
      </p>
      {edge && (
        <Drawer label={`${edge.from} to ${edge.to}`} onClose={() => setSearch({ edge: null })}>
          <EdgeDetails edge={edge} />
        </Drawer>
      )}
      {node && !edge && (
        <Drawer label={node.service} onClose={() => setSearch({ node: null })}>
          <NodeDetails
            node={node}
            edges={answer.data?.edges ?? []}
            mark={marks.get(serviceOf(node.service))}
          />
        </Drawer>
      )}
    </>
  );
}

/** Edges that begin or end at what is looked for. */
function found(edges: readonly GraphEdge[], find: string): readonly GraphEdge[] {
  const text = find.trim().toLowerCase();
  return edges.filter(({ from, to }) => `${from} ${to}`.toLowerCase().includes(text));
}

function openEdge(edge: GraphEdge): void {
  const inside = namespaceOf(edge.from) ?? namespaceOf(edge.to);
  if (inside !== undefined) return openNamespace(inside);
  setSearch({ edge: edgeKey(edge), node: null });
}

function openNode(service: string): void {
  const namespace = namespaceOf(service);
  if (namespace !== undefined) return openNamespace(namespace);
  setSearch({ node: service, edge: null });
}

function openNamespace(namespace: string): void {
  const search = new URLSearchParams(window.location.search);
  const fold = search.getAll('fold');
  // One that was folded by hand is let out of that; of a large map it is opened.
  if (fold.includes(namespace)) setSearch({ fold: fold.filter((one) => one !== namespace) });
  else setSearch({ open: [...search.getAll('open'), namespace], edge: null, node: null });
}

function foldNamespace(namespace: string): void {
  const search = new URLSearchParams(window.location.search);
  setSearch({
    open: search.getAll('open').filter((one) => one !== namespace),
    fold: [...search.getAll('fold'), namespace],
    edge: null,
    node: null,
  });
}
