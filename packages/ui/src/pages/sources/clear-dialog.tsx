import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CloverError } from '@clover/model/errors';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { bytes, exact } from '../../format/number.ts';
import { day } from '../../format/time.ts';
import css from './sources.module.css';

const KINDS = [
  {
    kind: 'spans',
    title: 'Spans',
    lost: 'all traces, the map, response times, rates and counts that are made of them',
  },
  { kind: 'metrics', title: 'Metrics', lost: 'every point that was scraped, pushed or pulled' },
] as const;
type Kind = (typeof KINDS)[number]['kind'];

/** Removes what is stored, after it has said what that is. */
export function ClearDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [what, setWhat] = useState<readonly Kind[]>(['spans', 'metrics']);
  const stored = useQuery({
    queryKey: ['system', 'stored'],
    queryFn: ({ signal }) => client.system({ since: '1m' }, { signal }),
  });
  const clear = useMutation({
    mutationFn: () => client.visibilityClear({ what: [...what] }),
    onSuccess: () => {
      void queries.invalidateQueries();
      onClose();
    },
  });
  const { data } = stored;
  return (
    <Dialog label="Clear stored data" onClose={onClose}>
      <div className={css.clear}>
        <h2>Clear stored data</h2>
        <p>
          This removes what is stored, for everybody, and cannot be undone.
          {data && data.storedSpans > 0 && (
            <>
              {' '}
              Stored are <b>{exact(data.storedSpans)} spans</b>
              {data.oldestSpan !== null && <> since {day(Date.parse(data.oldestSpan))}</>}; with
              metrics they take {bytes(data.bytesOnDisk)}.
            </>
          )}
        </p>
        {KINDS.map(({ kind, title, lost }) => (
          <label key={kind}>
            <input
              type="checkbox"
              checked={what.includes(kind)}
              onChange={() =>
                setWhat(
                  KINDS.map((one) => one.kind).filter(
                    (one) => what.includes(one) !== (one === kind),
                  ),
                )
              }
            />
            <b>{title}</b>
            <small>{lost}</small>
          </label>
        ))}
        <p className={css.stays}>
          What is tracked and pulled, traffic rules with their history, alerts and uploads stay.
          What comes in from now on is kept.
        </p>
        {clear.error && (
          <p className={css.bad} role="alert">
            {clear.error.message}
            {clear.error instanceof CloverError && clear.error.hint && `: ${clear.error.hint}`}
          </p>
        )}
        <div className={css.actions}>
          <Button onClick={onClose}>Keep everything</Button>
          <Button
            danger
            disabled={what.length === 0 || clear.isPending}
            onClick={() => clear.mutate()}
          >
            {clear.isPending ? 'Clearing …' : `Clear ${what.join(' and ')}`}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
