import { memo } from 'react';
import css from './map.module.css';
import { NODE_HEIGHT, NODE_WIDTH } from './node-box.tsx';

interface NodeGhostProps {
  readonly service: string;
  readonly title: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly selected: boolean;
  readonly onHover: (service: string | undefined) => void;
  readonly onOpen: (service: string) => void;
}

/** Where a painted service can be pointed at, focused and opened. */
export const NodeGhost = memo(function NodeGhost(props: NodeGhostProps) {
  const { service, title, label, x, y, selected, onHover, onOpen } = props;
  return (
    <rect
      x={x - NODE_WIDTH / 2}
      y={y - NODE_HEIGHT / 2}
      width={NODE_WIDTH}
      height={NODE_HEIGHT}
      className={`${css.ghost} ${selected ? css.boxSelected : ''}`}
      role="button"
      tabIndex={0}
      aria-label={label}
      onPointerEnter={() => onHover(service)}
      onPointerLeave={() => onHover(undefined)}
      onClick={() => onOpen(service)}
      onKeyDown={(event) => event.key === 'Enter' && onOpen(service)}
    >
      <title>{title}</title>
    </rect>
  );
});
