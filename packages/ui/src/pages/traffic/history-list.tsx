import { useState } from 'react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { TrafficRevision } from '@clover/model';
import { client } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { LastSeen } from '../../components/last-seen.tsx';
import { Empty, Failure, SkeletonRows } from '../../components/states.tsx';
import { useTrafficHistory } from '../../hooks/use-traffic-history.ts';
import { DiffView } from './diff-view.tsx';
import css from './traffic.module.css';
import { useTrafficChanged } from './use-traffic.ts';

/** Changes, newest first, each with its difference and the way back. */
export function HistoryList() {
  const answer = useTrafficHistory();
  const [open, setOpen] = useState<number | undefined>();
  if (answer.error && !answer.data)
    return <Failure error={answer.error} onRetry={answer.refetch} />;
  if (!answer.data) return <SkeletonRows rows={4} />;
  const { items, revision } = answer.data;
  if (items.length === 0) return <Empty title="Nothing was changed yet" />;
  return (
    <ol className={css.history}>
      {items.map((one) => (
        <li key={one.revision}>
          <button
            type="button"
            className={css.revision}
            aria-expanded={open === one.revision}
            onClick={() => setOpen(open === one.revision ? undefined : one.revision)}
          >
            <b className="num">{one.revision}</b>
            <span>{summary(one)}</span>
            {one.reason !== '' && <span className={css.quiet}>{one.reason}</span>}
            <span className={css.who}>
              {one.author} · <LastSeen at={one.time} />
            </span>
          </button>
          {open === one.revision && <Revision of={one.revision} current={revision} />}
        </li>
      ))}
    </ol>
  );
}

function summary({ action, changes }: TrafficRevision): string {
  const [first] = changes;
  const verb = action === 'fault' ? 'fault' : action === 'folder' ? 'from the folder' : action;
  if (!first) return verb;
  const rest = changes.length > 1 ? ` and ${changes.length - 1} more` : '';
  return `${verb}: ${first.kind} ${first.name} ${first.action}${rest}`;
}

function Revision({ of, current }: { readonly of: number; readonly current: number }) {
  const changed = useTrafficChanged();
  const detail = useQuery({
    queryKey: ['traffic', 'revision', of],
    queryFn: ({ signal }) => client.trafficRevision(of, { signal }),
    staleTime: Infinity,
  });
  const [asked, setAsked] = useState(false);
  const preview = useQuery({
    queryKey: ['traffic', 'back', of, current],
    queryFn: ({ signal }) => client.trafficUndo({ to: of, dryRun: true }, { signal }),
    enabled: asked,
    retry: false,
  });
  const undo = useMutation({
    mutationFn: () => client.trafficUndo({ to: of, revision: current }),
    onSuccess: () => {
      setAsked(false);
      changed();
    },
  });
  const error = detail.error ?? preview.error ?? undo.error;
  return (
    <div className={css.revisionBody}>
      {error && (
        <p className={css.bad} role="alert">
          {error.message}
        </p>
      )}
      {!asked && detail.data && <DiffView changes={detail.data.changes} />}
      {asked && preview.data && (
        <>
          <p>To be as it was after revision {of}:</p>
          <DiffView changes={preview.data.changes} />
        </>
      )}
      {of !== current && (
        <div className={css.actions}>
          {asked ? (
            <>
              <Button
                primary
                disabled={!preview.data || undo.isPending}
                onClick={() => undo.mutate()}
              >
                Go back to revision {of}
              </Button>
              <Button quiet onClick={() => setAsked(false)}>
                Leave it
              </Button>
            </>
          ) : (
            <Button onClick={() => setAsked(true)}>Back to this …</Button>
          )}
        </div>
      )}
    </div>
  );
}
