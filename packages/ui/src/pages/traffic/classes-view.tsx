// Which requests a change would treat otherwise: asked of the server as a dry run, each class with one of its kind.

import { useQuery } from '@tanstack/react-query';
import type { TrafficClass } from '@clover/model';
import { client } from '../../api/client.ts';
import { Failure, SkeletonRows } from '../../components/states.tsx';
import css from './traffic.module.css';

const SHOWN = 20;

/** For a text that would be taken: asked again when it changes. */
export function ClassesView({ file }: { readonly file: { name: string; text: string } }) {
  const answer = useQuery({
    queryKey: ['traffic', 'classes', file.name, file.text],
    queryFn: ({ signal }) =>
      client.trafficApply({ files: [file], dryRun: true, classes: true }, { signal }),
    gcTime: 0,
    retry: false,
  });
  if (answer.error) return <Failure error={answer.error} />;
  if (answer.isPending) return <SkeletonRows rows={2} />;
  const { items = [], complete = true } = answer.data.classes ?? {};
  if (items.length === 0)
    return (
      <p className={css.quiet}>
        {complete ? 'No request meets anything else.' : 'None was found, but there may be some.'}
      </p>
    );
  const more = items.length - SHOWN;
  return (
    <section aria-label="Requests that meet something else">
      <p className={css.quiet}>Requests that meet something else, one of each kind:</p>
      <ul className={css.classes}>
        {items.slice(0, SHOWN).map((one, index) => (
          <li key={index}>
            <p className="mono">{witnessOf(one)}</p>
            <p className={css.quiet}>
              {rulesOf(one)}
              {one.callers > 1 && ` · ${one.callers} kinds of callers and ports`}
            </p>
            <ul>
              {one.changes.map(({ kind, text }) => (
                <li key={`${kind} ${text}`}>
                  {kind}: {text}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {(more > 0 || !complete) && (
        <p className={css.warn}>
          {more > 0 && `${more} more kinds. `}
          {!complete && 'There may be kinds that were not found.'}
        </p>
      )}
    </section>
  );
}

function witnessOf({ witness: { via, method, url, headers, sni } }: TrafficClass): string {
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const parts = [method, url, ...named, ...(sni === null ? [] : [`SNI ${sni}`])];
  return `${parts.filter(Boolean).join(' ')} ${via === 'gateway' ? 'at the gateway' : 'in the mesh'}`;
}

function rulesOf({ before, after }: TrafficClass): string {
  const [one, other] = [ruleOf(before), ruleOf(after)];
  return one === other ? one : `${one} → ${other}`;
}

function ruleOf(rule: TrafficClass['before']): string {
  if (rule === null) return 'no rule';
  const section = rule.section === 'http' ? '' : ` ${rule.section}`;
  return `${rule.resource.replace(/^default\//, '')}${section} ${rule.ruleName || `rule ${rule.ruleIndex + 1}`}`;
}
