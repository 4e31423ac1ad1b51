import type { ResourceChange } from '@clover/model';
import css from './traffic.module.css';

/** What a change does, as unified diffs. */
export function DiffView({ changes }: { readonly changes: readonly ResourceChange[] }) {
  const changed = changes.filter((one) => one.action !== 'unchanged');
  if (changed.length === 0) return <p className={css.quiet}>Nothing would change.</p>;
  return (
    <div className={css.diffs} role="group" aria-label="Differences">
      {changed.map((one) => (
        <div key={`${one.kind} ${one.namespace} ${one.name}`}>
          <p className={css.diffHead}>
            <b>{one.action}</b> {one.kind} {one.namespace}/{one.name}
          </p>
          <pre className={css.diff} tabIndex={0}>
            {one.diff
              .split('\n')
              .filter((line) => !/^(---|\+\+\+) /.test(line) && line !== '')
              .map((line, index) => (
                <span key={index} className={lineClass(line)}>
                  {line}
                </span>
              ))}
          </pre>
        </div>
      ))}
    </div>
  );
}

function lineClass(line: string): string | undefined {
  if (line.startsWith('+')) return css.added;
  if (line.startsWith('-')) return css.removed;
  return line.startsWith('@@') ? css.hunk : undefined;
}
