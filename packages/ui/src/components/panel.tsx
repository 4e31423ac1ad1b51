import type { ReactNode } from 'react';
import css from './panel.module.css';

interface PanelProps {
  readonly title?: ReactNode;
  /** Right of the title: a note, a link, buttons. */
  readonly aside?: ReactNode;
  /** Old data stay, dimmed, while new load. */
  readonly dim?: boolean;
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A bordered part of a page with an optional head. */
export function Panel({ title, aside, dim, flush, className = '', children }: PanelProps) {
  return (
    <section className={`${css.panel} ${className}`} aria-busy={dim || undefined}>
      {(title !== undefined || aside !== undefined) && (
        <header className={css.head}>
          {title !== undefined && <h2>{title}</h2>}
          {aside !== undefined && <div className={css.aside}>{aside}</div>}
        </header>
      )}
      <div className={`${flush ? css.flush : css.body} ${dim ? css.dim : ''}`}>{children}</div>
    </section>
  );
}
