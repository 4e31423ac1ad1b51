import type { ReactNode } from 'react';
import css from './page-head.module.css';

/** Title of a page with what belongs beside it. */
export function PageHead({
  title,
  sub,
  children,
}: {
  readonly title: ReactNode;
  readonly sub?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <div className={css.head}>
      <div className={css.words}>
        <h1>{title}</h1>
        {sub !== undefined && <p>{sub}</p>}
      </div>
      {children !== undefined && <div className={css.actions}>{children}</div>}
    </div>
  );
}
