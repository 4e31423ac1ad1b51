import type { ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import css from './stat.module.css';

interface StatProps {
  readonly label: string;
  /** Undefined while it is asked for. */
  readonly value: string | undefined;
  /** The exact figure, on hover. */
  readonly exact?: string;
  /** Against the window before: `+38 %`. */
  readonly change?: string | null | undefined;
  /** Whether the change is good, bad or neither. */
  readonly tone?: 'good' | 'bad' | 'plain' | undefined;
  readonly to?: string;
  readonly children?: ReactNode;
}

/** Characters from which a figure shrinks with its card. */
const LONG = 10;

/** One big number with what it was before and where it leads. */
export function Stat({ label, value, exact, change, tone = 'plain', to, children }: StatProps) {
  const inside = (
    <>
      <span className={css.label}>{label}</span>
      <span className={css.row}>
        {value === undefined ? (
          <span className={css.value}>
            <span className={css.waiting} role="status" aria-label="is being counted" />
          </span>
        ) : (
          <span className={`${css.value} ${value.length > LONG ? css.long : ''}`} title={exact}>
            {value}
          </span>
        )}
        {change && (
          <span
            className={`${css.change} ${css[tone]}`}
            title="against the window of the same length before"
          >
            {change}
          </span>
        )}
      </span>
      {children !== undefined && <span className={css.below}>{children}</span>}
    </>
  );
  return to === undefined ? (
    <div className={css.stat}>{inside}</div>
  ) : (
    <Link to={to} className={`${css.stat} ${css.link}`}>
      {inside}
    </Link>
  );
}
