import { useQueryClient } from '@tanstack/react-query';
import { IconCloudOff, IconHistory } from '@tabler/icons-react';
import { Button } from '../components/button.tsx';
import { clock } from '../format/time.ts';
import type { Staleness } from '../hooks/use-stale.ts';
import css from './stale-note.module.css';

/** Says that what stands below is old, since when, and that it mends itself. */
export function StaleNote({ stale }: { readonly stale: Staleness | undefined }) {
  const queries = useQueryClient();
  if (!stale) return <div role="status" />;
  const { error, answeredMs } = stale;
  const Icon = error ? IconHistory : IconCloudOff;
  return (
    <div role="status" className={`${css.note} ${error ? '' : css.away}`}>
      <Icon size={16} stroke={1.75} aria-hidden />
      <span>
        <strong>{error ? 'Not up to date' : 'Clover does not answer'}</strong>
        {error && `: ${error.message}`}
        {answeredMs !== undefined && ` · what stands here is of ${clock(answeredMs)}`}
        {' · asked again by itself'}
      </span>
      <Button
        quiet
        onClick={() =>
          void queries.refetchQueries({
            type: 'active',
            predicate: ({ state: { status } }) => !error || status === 'error',
          })
        }
      >
        Ask now
      </Button>
    </div>
  );
}
