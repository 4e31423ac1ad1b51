import { useEffect, useState } from 'react';
import { useIsFetching } from '@tanstack/react-query';
import css from './progress.module.css';

/** Answers that come sooner need no word. */
const PATIENCE_MS = 400;
/** From here on it is said how long it takes already. */
const LONG_MS = 2000;

/** While a question takes its time: that it is under way, and since when. */
export function Progress() {
  const asking = useIsFetching({ predicate: ({ state }) => state.fetchStatus === 'fetching' }) > 0;
  const [forMs, setForMs] = useState(0);
  useEffect(() => {
    if (!asking) return undefined;
    const began = Date.now();
    const beat = setInterval(() => setForMs(Date.now() - began), PATIENCE_MS / 2);
    return () => {
      clearInterval(beat);
      setForMs(0);
    };
  }, [asking]);
  if (forMs < PATIENCE_MS) return null;
  return (
    <div className={css.progress} role="progressbar" aria-label="Asking the store">
      <span className={css.bar} />
      {forMs >= LONG_MS && (
        <span className={css.words}>asking for {Math.round(forMs / 1000)} s …</span>
      )}
    </div>
  );
}
