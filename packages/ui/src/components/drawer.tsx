import { useEffect, useRef, type ReactNode } from 'react';
import { IconX } from '@tabler/icons-react';
import { IconButton } from './button.tsx';
import css from './drawer.module.css';

/** Slides in from the right and keeps the page in view; Esc closes it. */
export function Drawer({
  label,
  onClose,
  wide = false,
  children,
}: {
  readonly label: string;
  readonly onClose: () => void;
  /** For text that is as wide as code. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (!document.querySelector('dialog[open]')) close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <aside
      className={`${css.drawer} ${wide ? css.wide : ''}`}
      aria-label={label}
      data-drawer={wide ? 'wide' : ''}
    >
      <IconButton label="Close" className={css.close ?? ''} onClick={onClose}>
        <IconX size={18} />
      </IconButton>
      <div className={css.inside}>{children}</div>
    </aside>
  );
}
