// What stands where an answer is missing: loading, nothing, failure, part of it.

import { useState, type ReactNode } from 'react';
import type { CloverError, Meta } from '@clover/model';
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react';
import { compact } from '../format/number.ts';
import { clock } from '../format/time.ts';
import { Button } from './button.tsx';
import { Copyable } from './copyable.tsx';
import css from './states.module.css';

/** Bars in the size of what will come. */
export function Skeleton({
  height = 16,
  width = '100%',
}: {
  readonly height?: number;
  readonly width?: number | string;
}) {
  return <div className={css.skeleton} style={{ height, width }} aria-hidden />;
}

export function SkeletonRows({
  rows = 6,
  height = 32,
}: {
  readonly rows?: number;
  readonly height?: number;
}) {
  return (
    <div className={css.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={css.row} style={{ height }}>
          <Skeleton width={`${30 + ((index * 37) % 40)}%`} height={10} />
          <Skeleton width="12%" height={10} />
          <Skeleton width="9%" height={10} />
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The one command that fills it. */
  readonly command?: string;
}

export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className={css.state}>
      <IconInbox size={22} stroke={1.5} className={css.icon} />
      <h3 className={css.title}>{title}</h3>
      {children !== undefined && <p className={css.text}>{children}</p>}
      {command !== undefined && <Copyable text={command} />}
    </div>
  );
}

export function Failure({
  error,
  onRetry,
}: {
  readonly error: CloverError | Error;
  /** A promise keeps the button busy until it ends. */
  readonly onRetry?: () => unknown;
}) {
  const [busy, setBusy] = useState(false);
  const retry = async () => {
    setBusy(true);
    await onRetry?.();
    setBusy(false);
  };
  const { code = 'unknown', hint } = error as Partial<CloverError>;
  const details = `${code}: ${error.message}${hint ? `\n${hint}` : ''}\n${window.location.href}`;
  return (
    <div className={css.state} role="alert">
      <IconAlertTriangle size={22} stroke={1.5} className={css.bad} />
      <h3 className={css.title}>{sentence(error.message)}</h3>
      <p className={css.text}>
        {hint !== undefined && <>{sentence(hint.replace(/\.$/, ''))}. </>}
        <code>{code}</code>
      </p>
      <div className={css.actions}>
        {onRetry && (
          <Button disabled={busy} onClick={() => void retry()}>
            {busy ? 'Asking …' : 'Try again'}
          </Button>
        )}
        <Button quiet onClick={() => void navigator.clipboard.writeText(details)}>
          Copy details
        </Button>
      </div>
    </div>
  );
}

/** Begins with a capital, unless it begins with a name or with what somebody wrote. */
function sentence(text: string): string {
  return /^[a-z]+[ ,]/.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}

/** In a chart's or table's corner: cut, sampled, incomplete. Nothing when the answer is whole. */
export function MetaNote({
  meta,
  cutSaid = false,
}: {
  readonly meta: Meta | undefined;
  /** What is cut stands beside it already. */
  readonly cutSaid?: boolean;
}) {
  if (!meta) return null;
  const parts = [
    ...(meta.cut && !cutSaid
      ? [
          meta.cut.atLeast
            ? `the first ${compact(meta.cut.shown)} of more`
            : `top ${compact(meta.cut.shown)} of ${compact(meta.cut.total)}`,
        ]
      : []),
    ...(meta.sampled ? ['sampled, weighted'] : []),
    ...(!meta.complete && !meta.cut ? ['incomplete'] : []),
    ...(meta.ratesSince === undefined ? [] : [`rates since ${clock(Date.parse(meta.ratesSince))}`]),
  ];
  if (parts.length === 0) return null;
  return (
    <span className={css.note} title={meta.notes.join('\n')}>
      {parts.join(' · ')}
    </span>
  );
}
