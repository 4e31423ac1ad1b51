import { IconBolt, IconCircleOff, IconLock } from '@tabler/icons-react';
import css from './map.module.css';
import type { MeshMark } from './mesh-marks.ts';

/** What lines and icons mean; icons only where one stands on the map. */
export function MapLegend({ marks }: { readonly marks: ReadonlyMap<string, MeshMark> }) {
  const all = [...marks.values()];
  return (
    <ul className={css.legend} aria-label="Legend">
      <li>
        <span className={css.lineThin} /> <span className={css.lineThick} /> requests
      </li>
      <li>
        <span className={css.lineRed} /> fails
      </li>
      <li>
        <span className={css.lineDashed} /> not traced
      </li>
      <li>
        <span className={css.tick} /> lost
      </li>
      {all.some((one) => one.fault) && (
        <li>
          <IconBolt size={14} stroke={1.75} className={css.markFault} aria-hidden /> fault on
        </li>
      )}
      {all.some((one) => one.strict) && (
        <li>
          <IconLock size={14} stroke={1.75} aria-hidden /> mutual TLS only
        </li>
      )}
      {all.some((one) => one.ejected) && (
        <li>
          <IconCircleOff size={14} stroke={1.75} className={css.markEjected} aria-hidden />{' '}
          endpoints left out
        </li>
      )}
      <li className={css.hintKeys}>Ctrl + wheel zooms</li>
    </ul>
  );
}
