import { exact, percent } from '../format/number.ts';
import css from './error-ratio.module.css';

/** The share of failed requests: quiet at zero, loud beyond a percent. */
export function ErrorRatio({ ratio, errors }: { readonly ratio: number; readonly errors: number }) {
  const look = errors === 0 ? css.none : ratio >= 0.01 ? css.bad : css.some;
  return (
    <span className={look} title={`${exact(errors)} failed`}>
      {percent(ratio)}
    </span>
  );
}
