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
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
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
      <div className={css.inside}>{children}</div>
    </dialog>
  );
}
