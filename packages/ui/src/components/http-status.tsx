import { statusClass, STATUS_MARK } from '../domain/status.ts';
import css from './http-status.module.css';

/** A status code with the colour of its class. */
export function HttpStatus({ code }: { readonly code: number | string }) {
  const number = Number(code);
  const kind = statusClass(Number.isFinite(number) ? number : 0);
  return (
    <span className={css.status}>
      <span className={css.mark} style={{ background: STATUS_MARK[kind] }} aria-hidden />
      {kind === 'none' ? 'no answer' : code}
    </span>
  );
}
