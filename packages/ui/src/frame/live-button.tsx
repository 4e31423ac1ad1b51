import { useLive } from '../hooks/use-live.ts';
import { setLive, useScope } from '../hooks/use-scope.ts';
import css from './live-button.module.css';

/** Whether the page follows the clock. An absolute range stands still. */
export function LiveButton() {
  const { live, range } = useScope();
  const { lost } = useLive();
  return (
    <button
      type="button"
      className={`${css.live} ${live && !lost ? css.on : ''}`}
      aria-pressed={live}
      disabled={range !== undefined}
      title={
        range
          ? 'A fixed range does not move; choose “Last …” to follow the clock'
          : live
            ? 'Following the clock; click to hold still'
            : 'Holding still; click to follow the clock'
      }
      onClick={() => setLive(!live)}
    >
      <span className={css.dot} aria-hidden />
      Live
    </button>
  );
}
