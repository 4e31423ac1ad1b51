import { IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { TrafficVerifyAnswer } from '@clover/model';
import { compact, exact, percent, probability } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { pageHref } from '../../router/location.ts';
import css from './traffic.module.css';

export type JudgedRule = TrafficVerifyAnswer['rules'][number];
type Check = JudgedRule['checks'][number];

const LOOKS = {
  pass: { icon: IconCheck, tone: css.pass, text: 'obeyed' },
  fail: { icon: IconX, tone: css.fail, text: 'not obeyed' },
  inconclusive: { icon: IconQuestionMark, tone: css.open, text: 'cannot tell yet' },
} as const;

const KINDS: Readonly<Record<Check['kind'], string>> = {
  route: 'goes where it may',
  weights: 'shares',
  answer: 'answers',
  abort: 'aborted',
  delay: 'delayed',
  mirror: 'mirrored',
};
const TRACES = 3;

/** Whether what was observed obeys a rule. */
export function Verdict({ rule }: { readonly rule: JudgedRule }) {
  const { icon: Icon, tone, text } = LOOKS[rule.verdict];
  const needed = Math.max(0, ...rule.checks.map((one) => one.neededRequests));
  return (
    <span className={`${css.verdict} ${tone}`} title={`${exact(rule.requests)} requests judged`}>
      <Icon size={13} stroke={2.2} aria-hidden />
      {rule.requests === 0
        ? 'no requests'
        : rule.verdict === 'inconclusive' && needed > 0
          ? `${text}, about ${compact(needed)} more requests`
          : text}
      {rule.undecided > 0 && (
        <span title="requests that this rule may have taken, or another">
          {', '}
          {exact(rule.undecided)} undecided
        </span>
      )}
    </span>
  );
}

/** The tests behind a verdict, with the traces that broke them. */
export function Checks({ rule }: { readonly rule: JudgedRule }) {
  const shown = rule.checks.filter((one) => one.kind !== 'weights' || one.verdict !== 'pass');
  if (rule.requests === 0 || shown.length === 0) return null;
  return (
    <ul className={css.checks} aria-label="Tests">
      {shown.map((check) => {
        const { icon: Icon, tone } = LOOKS[check.verdict];
        const [first] = check.shares;
        return (
          <li key={check.kind}>
            <Icon size={13} stroke={2.2} className={tone} aria-label={check.verdict} />
            <span title={`p = ${probability(check.pValue)} of ${exact(check.requests)} requests`}>
              {KINDS[check.kind]}
              {first && check.kind !== 'weights' && first.observed !== null && (
                <>
                  {' '}
                  {percent(first.observed)}
                  {first.declared !== first.observed && ` of ${percent(first.declared)} declared`}
                </>
              )}
              {check.kind === 'weights' && ` p = ${probability(check.pValue)}`}
              {check.note !== '' && ` (${check.note})`}
            </span>
            {check.verdict === 'fail' &&
              check.traces.slice(0, TRACES).map((id) => (
                <Link key={id} to={pageHref(`/traces/${id}`)} className={`mono ${css.link}`}>
                  …{id.slice(-8)}
                </Link>
              ))}
          </li>
        );
      })}
    </ul>
  );
}
