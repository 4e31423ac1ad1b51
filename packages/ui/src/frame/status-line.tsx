import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { exact, percent, rate } from '../format/number.ts';
import { ago } from '../format/time.ts';
import { useLive } from '../hooks/use-live.ts';
import { Link } from '../router/link.tsx';
import { pageHref } from '../router/location.ts';
import css from './status-line.module.css';

/** What comes in, what is refused: the footing of every number above. */
export function StatusLine() {
  const { connected, tick } = useLive();
  const version = useQuery({
    queryKey: ['version'],
    queryFn: () => client.version(),
    staleTime: Infinity,
  });
  const state = !connected ? css.off : tick && tick.refused > 0 ? css.warn : css.on;
  return (
    <footer className={css.line}>
      <Link to={pageHref('/sources')} className={css.part}>
        <span className={`${css.dot} ${state}`} aria-hidden />
        {!connected && 'not connected'}
        {connected && !tick && 'connected'}
        {connected && tick && (
          <span className={css.figures}>
            {rate(tick.spansPerSecond).replace('/s', ' spans/s')}
            {tick.pointsPerSecond > 0 &&
              ` · ${rate(tick.pointsPerSecond).replace('/s', ' points/s')}`}
            {tick.completeness !== null && ` · complete ${percent(tick.completeness)}`}
            {` · ${tick.sources} ${tick.sources === 1 ? 'source' : 'sources'} up`}
            {tick.refused > 0 && (
              <span className={css.refused}> · {exact(tick.refused)} refused</span>
            )}
          </span>
        )}
      </Link>
      {version.data && (
        <span className={css.right} title={version.data.engine}>
          v{version.data.version} · started {ago(Date.parse(version.data.startedAt), Date.now())}
        </span>
      )}
    </footer>
  );
}
