import { percent } from '../../format/number.ts';
import css from './traffic.module.css';

const TONES = 6;

export interface Share {
  readonly name: string;
  /** 0..1 */
  readonly declared: number;
  /** 0..1; absent while nobody looked, null without requests. */
  readonly observed?: number | null | undefined;
  /** Of the exact interval that holds the true share. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** What is declared above what is observed, part by part in the same colours. */
export function ShareBars({ shares }: { readonly shares: readonly Share[] }) {
  const observed = shares.some((one) => typeof one.observed === 'number');
  return (
    <div className={css.shares}>
      <Bar label="declared" parts={shares.map((one) => one.declared)} />
      {observed && <Bar label="observed" parts={shares.map((one) => one.observed ?? 0)} />}
      <ul className={css.shareNames}>
        {shares.map((one, index) => (
          <li key={one.name}>
            <span className={css.swatch} data-tone={index % TONES} aria-hidden />
            <span className={css.shareName} title={one.name}>
              {one.name}
            </span>
            <b>{percent(one.declared)}</b>
            {typeof one.observed === 'number' && (
              <span
                className={css.quiet}
                title={
                  one.low === undefined || one.high === undefined
                    ? undefined
                    : `between ${percent(one.low)} and ${percent(one.high)}`
                }
              >
                {percent(one.observed)} observed
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Bar({ label, parts }: { readonly label: string; readonly parts: readonly number[] }) {
  return (
    <div className={css.bar}>
      <span className={css.barLabel}>{label}</span>
      <span className={css.barTrack}>
        {parts.map(
          (part, index) =>
            part > 0 && (
              <span
                key={index}
                data-tone={index % TONES}
                style={{ flexGrow: part }}
                title={percent(part)}
              />
            ),
        )}
      </span>
    </div>
  );
}
