// Rules that are no HTTP rules of a VirtualService: of connections, and those of Gateway API.

import { IconArrowNarrowRight } from '@tabler/icons-react';
import type { TrafficEffectiveAnswer } from '@clover/model';
import { percent } from '../../format/number.ts';
import { setSearch } from '../../router/location.ts';
import { destinationName } from './declared-routes.ts';
import css from './traffic.module.css';

type EffectiveRule = TrafficEffectiveAnswer['rules'][number];

export function OtherRules({ rules }: { readonly rules: readonly EffectiveRule[] }) {
  const others = rules.filter((one) => one.kind !== 'VirtualService' || one.section !== 'http');
  if (others.length === 0) return null;
  return (
    <ul className={css.routes} aria-label="Rules of connections and of Gateway API">
      {others.map((rule) => (
        <li key={`${rule.kind} ${rule.resource} ${rule.section} ${rule.ruleIndex}`}>
          <p className={css.routeHead}>
            <button
              type="button"
              className={css.routeName}
              onClick={() => setSearch({ edit: `${rule.kind}/${rule.resource}` })}
            >
              {rule.resource.replace(/^default\//, '')}
            </button>
            <span className={css.quiet}>{labelOf(rule)}</span>
            <span className={css.when} title={rule.hosts.join(', ')}>
              {rule.hosts.join(', ')}
            </span>
          </p>
          <p className={css.single}>
            <IconArrowNarrowRight size={15} aria-hidden /> {destinationsOf(rule)}
          </p>
        </li>
      ))}
    </ul>
  );
}

function labelOf({ kind, section, ruleName, ruleIndex }: EffectiveRule): string {
  const what = kind === 'VirtualService' ? section : kind;
  return `${what} ${ruleName || `rule ${ruleIndex + 1}`}`;
}

function destinationsOf({ destinations }: EffectiveRule): string {
  if (destinations.length === 0) return 'nowhere: it answers itself';
  return destinations
    .map(({ host, subset, port, share }) => {
      const name = `${destinationName({ host, subset })}${port === null ? '' : ` port ${port}`}`;
      return destinations.length === 1 ? name : `${percent(share)} ${name}`;
    })
    .join(', ');
}
