import { memo } from 'react';
import { IconBolt, IconCircleOff, IconLock } from '@tabler/icons-react';
import type { GraphNode } from '@clover/model';
import { serviceColor } from '../../domain/service-color.ts';
import { STATUS_MARK, type StatusClass } from '../../domain/status.ts';
import { duration } from '../../format/duration.ts';
import { percent, rate } from '../../format/number.ts';
import { namespaceOf, nodeTitle } from './collapse.ts';
import css from './map.module.css';
import type { MeshMark } from './mesh-marks.ts';

export const NODE_WIDTH = 248;
export const NODE_HEIGHT = 62;

interface NodeBoxProps {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly words: boolean;
  /** Too small for figures: the name alone, large. */
  readonly big: boolean;
  readonly mark?: MeshMark | undefined;
  readonly faded: boolean;
  readonly selected: boolean;
  readonly onHover: (service: string | undefined) => void;
  readonly onOpen: (service: string) => void;
}

const CLASSES: readonly (readonly [keyof GraphNode['statusClasses'], StatusClass])[] = [
  ['ok', '2xx'],
  ['redirect', '3xx'],
  ['clientError', '4xx'],
  ['serverError', '5xx'],
  ['none', 'none'],
];
const R = 13;
const ROUND = 2 * Math.PI * R;

/** A service: its name, rate and p95, a ring of how it answers, its versions. */
export const NodeBox = memo(function NodeBox({
  node,
  x,
  y,
  words,
  big,
  mark,
  faded,
  selected,
  onHover,
  onOpen,
}: NodeBoxProps) {
  const title = nodeTitle(node.service);
  const group = namespaceOf(node.service) !== undefined;
  const outside = node.kind !== 'service' && node.kind !== 'gateway';
  const versions = node.versions.filter((one) => one.version !== '');
  return (
    <g
      transform={`translate(${x - NODE_WIDTH / 2} ${y - NODE_HEIGHT / 2})`}
      className={`${css.node} ${faded ? css.faded : ''}`}
      role="button"
      tabIndex={0}
      aria-label={labelOf(node, mark)}
      onPointerEnter={() => onHover(node.service)}
      onPointerLeave={() => onHover(undefined)}
      onClick={() => onOpen(node.service)}
      onKeyDown={(event) => event.key === 'Enter' && onOpen(node.service)}
    >
      {group && (
        <rect x={5} y={5} width={NODE_WIDTH} height={NODE_HEIGHT} rx={9} className={css.box} />
      )}
      <rect
        width={NODE_WIDTH}
        height={NODE_HEIGHT}
        rx={9}
        className={`${css.box} ${outside ? css.outside : ''} ${selected ? css.boxSelected : ''} ${node.errorRatio >= 0.01 ? css.boxRed : ''}`}
      />
      <g transform="translate(27 31)">
        <circle r={R} fill="none" stroke="var(--surface-3)" strokeWidth={4} />
        {arcsOf(node.statusClasses).map(({ name, length, from }) => (
          <circle
            key={name}
            r={R}
            fill="none"
            stroke={STATUS_MARK[name]}
            strokeWidth={4}
            strokeDasharray={`${length} ${ROUND - length}`}
            strokeDashoffset={-from}
            transform="rotate(-90)"
          />
        ))}
        <circle r={5} fill={serviceColor(node.service)} />
      </g>
      {big && (
        <text x={52} y={40} className={`${css.nodeName} ${css.nodeNameBig}`}>
          {fitted(title, 14)}
        </text>
      )}
      {words && !big && (
        <>
          <text x={52} y={25} className={css.nodeName}>
            {fitted(title, versions.length > 1 ? 17 : 25)}
          </text>
          <text x={52} y={43} className={css.nodeFigures}>
            {node.requests > 0
              ? `${rate(node.ratePerSecond)} · ${group ? 'namespace' : duration(node.latency?.p95Ns)}`
              : outside
                ? node.kind
                : 'sends only'}
            {node.errorRatio >= 0.01 && (
              <tspan className={css.nodeBad}> · {percent(node.errorRatio)}</tspan>
            )}
          </text>
          {mark && <Badge mark={mark} />}
          {versions.length > 1 &&
            versions.slice(0, 3).map((one, index) => (
              <g
                key={one.version}
                transform={`translate(${NODE_WIDTH - 8 - (Math.min(versions.length, 3) - index) * 25} 7)`}
              >
                <rect width={23} height={15} rx={4} className={css.chip} />
                <text x={11.5} y={11} className={css.chipText}>
                  {cut(one.version, 3)}
                </text>
              </g>
            ))}
        </>
      )}
      <title>{titleOf(node)}</title>
    </g>
  );
});

/** What is said of it to those who do not see it. */
export function labelOf(node: GraphNode, mark: MeshMark | undefined): string {
  const group = namespaceOf(node.service) === undefined ? '' : 'Namespace ';
  return `${group}${nodeTitle(node.service)}: ${rate(node.ratePerSecond)}, ${percent(node.errorRatio)} fail${mark?.fault ? ', a fault is switched on' : ''}${mark?.strict ? ', mutual TLS only' : ''}${mark?.ejected ? `, ${mark.ejected} ejected` : ''}`;
}

export function titleOf({ service }: GraphNode): string {
  const title = nodeTitle(service);
  return namespaceOf(service) === undefined ? title : `${title}: open this namespace`;
}

/** The ring's parts, one behind the other; those without answers are left out. */
function arcsOf(statusClasses: GraphNode['statusClasses']) {
  const total = CLASSES.reduce((sum, [key]) => sum + statusClasses[key], 0);
  let from = 0;
  return CLASSES.flatMap(([key, name]) => {
    if (statusClasses[key] === 0) return [];
    const length = (statusClasses[key] / total) * ROUND;
    const arc = { name, length, from };
    from += length;
    return arc;
  });
}

const BADGE = 17;

/** What the mesh says about it, hung on the lower edge. */
function Badge({ mark }: { readonly mark: MeshMark }) {
  const icons = [
    ...(mark.ejected === undefined ? [] : [{ Icon: IconCircleOff, look: css.markEjected }]),
    ...(mark.fault ? [{ Icon: IconBolt, look: css.markFault }] : []),
    ...(mark.strict ? [{ Icon: IconLock, look: css.marks }] : []),
  ];
  const count = mark.ejected === undefined ? 0 : 7 * String(mark.ejected).length + 3;
  const width = icons.length * BADGE + count + 5;
  return (
    <g transform={`translate(${NODE_WIDTH - width - 10} ${NODE_HEIGHT - 10})`}>
      <rect width={width} height={20} rx={6} className={css.badge} />
      {mark.ejected !== undefined && (
        <text x={5} y={14.5} className={css.ejected}>
          {mark.ejected}
        </text>
      )}
      {icons.map(({ Icon, look }, index) => (
        <Icon
          key={look}
          x={count + 4 + index * BADGE}
          y={3}
          size={14}
          stroke={1.75}
          className={look}
          aria-hidden
        />
      ))}
    </g>
  );
}

/** Where there is not room for all of it the namespace goes first. */
function fitted(title: string, length: number): string {
  if (title.length <= length) return title;
  return cut(/^([a-z][\w-]*)\.[a-z][\w-]*$/.exec(title)?.[1] ?? title, length);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
