import type { TrafficFinding } from '@clover/model';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import css from './traffic.module.css';

const ICONS = { error: IconCircleX, warning: IconAlertTriangle, info: IconInfoCircle } as const;
const TONES = { error: css.bad, warning: css.warn, info: css.info } as const;

interface FindingsProps {
  readonly findings: readonly TrafficFinding[];
  /** Says which resource each is about. */
  readonly named?: boolean;
  readonly onOpen?: (finding: TrafficFinding) => void;
}

/** Findings with their place and what to do about them. */
export function Findings({ findings, named = false, onOpen }: FindingsProps) {
  return (
    <ul className={css.findings}>
      {findings.map((one, index) => {
        const Icon = ICONS[one.severity];
        const place = one.at && onOpen !== undefined ? ` line ${one.at.line}` : '';
        return (
          <li key={`${one.code} ${one.resource} ${one.field} ${index}`}>
            <Icon
              size={16}
              stroke={1.75}
              className={TONES[one.severity]}
              aria-label={one.severity}
            />
            <div>
              <p>
                {one.message} <code title="what this finding is called">{one.code}</code>
              </p>
              {one.hint !== '' && <p className={css.quiet}>{one.hint}</p>}
              {(named || place !== '') && (
                <p className={css.quiet}>
                  {onOpen ? (
                    <button type="button" className={css.link} onClick={() => onOpen(one)}>
                      {named ? one.resource : 'Go to'}
                      {place}
                    </button>
                  ) : (
                    one.resource
                  )}
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** How many of each kind, as a small badge. */
export function FindingCount({ findings }: { readonly findings: readonly TrafficFinding[] }) {
  const count = (severity: TrafficFinding['severity']) =>
    findings.filter((one) => one.severity === severity).length;
  const worst = (['error', 'warning', 'info'] as const).find((severity) => count(severity) > 0);
  if (worst === undefined) return <span className={css.quiet}>none</span>;
  const Icon = ICONS[worst];
  return (
    <span
      className={`${css.count} ${TONES[worst]}`}
      title={findings.map((one) => one.message).join('\n')}
    >
      <Icon size={14} stroke={1.75} aria-hidden />
      {count(worst)} {worst}
      {count(worst) > 1 && worst !== 'info' ? 's' : ''}
    </span>
  );
}
