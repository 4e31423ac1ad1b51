import type { OverviewCalls, OverviewRequests } from '@clover/model';
import {
  IconArrowNarrowDown,
  IconArrowNarrowUp,
  IconCircleCheck,
  IconHourglass,
  IconPlus,
  IconUnlink,
  IconX,
} from '@tabler/icons-react';
import { Panel } from '../../components/panel.tsx';
import { SkeletonRows } from '../../components/states.tsx';
import { clock } from '../../format/time.ts';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import css from './changes.module.css';

const ICONS = {
  rate: IconArrowNarrowUp,
  errors: IconX,
  latency: IconArrowNarrowUp,
  appeared: IconPlus,
  vanished: IconArrowNarrowDown,
  lost: IconUnlink,
} as const;

const GRAVITY = { bad: 0, warn: 1, info: 2 };

/** The text is the only place that says which way a figure went. */
const FELL = /[−-]\d/;

/** What is different from the window before, in words that lead there. */
export function Changes({
  data,
  calls,
  dim,
}: {
  readonly data: OverviewRequests | undefined;
  /** What only the calls tell; undefined until it is there. */
  readonly calls: OverviewCalls | undefined;
  readonly dim: boolean;
}) {
  const changes = [...(data?.changes ?? []), ...(calls?.changes ?? [])].toSorted(
    (a, b) => GRAVITY[a.severity] - GRAVITY[b.severity],
  );
  return (
    <Panel title="What changed" flush dim={dim}>
      {!data && <SkeletonRows rows={5} />}
      {data && !calls && changes.length === 0 && data.beforeCovered && <SkeletonRows rows={2} />}
      {data && !data.beforeCovered && (
        <p className={css.calm}>
          <IconHourglass size={18} stroke={1.6} className={css.info} />
          {data.dataSinceMs === null
            ? 'No spans yet: nothing to compare.'
            : `Spans reach back to ${clock(data.dataSinceMs).slice(0, 5)}: not far enough to compare with the window before.`}
        </p>
      )}
      {data?.beforeCovered && calls && changes.length === 0 && (
        <p className={css.calm}>
          <IconCircleCheck size={18} stroke={1.6} />
          Nothing that stands out against the window before.
        </p>
      )}
      <ul className={css.list}>
        {changes.slice(0, 7).map((change) => {
          const Icon =
            ICONS[change.kind] === IconArrowNarrowUp && FELL.test(change.text)
              ? IconArrowNarrowDown
              : ICONS[change.kind];
          return (
            <li key={`${change.kind} ${change.text}`}>
              <Link
                to={pageHref(`/services/${encodeURIComponent(change.service)}`)}
                className={css.change}
              >
                <Icon
                  size={16}
                  stroke={1.75}
                  className={css[change.severity]}
                  aria-label={change.severity}
                />
                <span>{change.text}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
