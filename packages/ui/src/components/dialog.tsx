import { useEffect, useRef, type ReactNode } from 'react';
import css from './dialog.module.css';

interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly top?: boolean;
  readonly children: ReactNode;
}

/** A modal of the browser's own: focus stays inside, Esc and a click outside close it. */
export function Dialog({ label, onClose, top = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // A field that asks for the keyboard has it; a first link or button does not.
    if (!element?.querySelector('[autofocus], input')) inside.current?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`${css.dialog} ${top ? css.top : ''}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div ref={inside} className={css.inside} tabIndex={-1}>
        {children}
      </div>
    </dialog>
  );
}
