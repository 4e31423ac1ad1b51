import { IconAdjustmentsHorizontal, IconArrowNarrowRight, IconBolt } from '@tabler/icons-react';
import type { TrafficResourcesAnswer, TrafficVerifyAnswer } from '@clover/model';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { MetaNote } from '../../components/states.tsx';
import { exact, percent } from '../../format/number.ts';
import { clock, full } from '../../format/time.ts';
import { setSearch, useLocation } from '../../router/location.ts';
import { declaredRoutes, type DeclaredRoute } from './declared-routes.ts';
import { OtherRules } from './other-rules.tsx';
import { ShareBars } from './share-bars.tsx';
import { ShiftForm } from './shift-form.tsx';
import { useEffective, useFaults, useVerified } from './use-traffic.ts';
import { Checks, Verdict, type JudgedRule } from './verdict.tsx';
import css from './traffic.module.css';

/** Every rule that sends requests somewhere: when it holds, where they go, and the hand on the slider. */
export function RoutesPanel({ answer }: { readonly answer: TrafficResourcesAnswer }) {
  const { search } = useLocation();
  const shifting = search.get('shift');
  const routes = declaredRoutes(answer.items);
  const effective = useEffective().data;
  const verified = useVerified(effective, search.getAll('absent'));
  const judged = judgedRules(verified.data);
  const faults = useFaults();
  const faulted = new Set(faults.data?.items.flatMap((one) => one.routes));
  return (
    <Panel
      title="Routes"
      flush
      aside={
        verified.data ? (
          <Judged answer={verified.data} />
        ) : (
          verified.error && (
            <span className={css.warn} title={verified.error.message}>
              what was observed is not known
            </span>
          )
        )
      }
    >
      {routes.length === 0 && (
        <p className={`${css.quiet} ${css.padded}`}>
          No VirtualService: each service gets what is sent to it.
        </p>
      )}
      <ul className={css.routes}>
        {routes.map((route) => {
          const key = `${route.virtualService}/${route.ruleIndex}`;
          const rule = judged.get(key);
          return (
            <li key={key}>
              <Head
                route={route}
                rule={rule}
                faulted={faulted.has(`${route.virtualService} http[${route.ruleIndex}]`)}
              />
              {shifting === key ? (
                <ShiftForm
                  route={route}
                  revision={answer.revision}
                  onDone={() => setSearch({ shift: null })}
                />
              ) : (
                route.destinations.length > 0 && (
                  <div className={css.routeBody}>
                    <Shares route={route} rule={rule} />
                    {route.destinations.length > 1 && (
                      <Button quiet onClick={() => setSearch({ shift: key })}>
                        <IconAdjustmentsHorizontal size={15} stroke={1.75} aria-hidden />
                        Shift
                      </Button>
                    )}
                  </div>
                )
              )}
              {rule && <Checks rule={rule} />}
              {route.also.length > 0 && <p className={css.also}>{route.also.join(' · ')}</p>}
            </li>
          );
        })}
      </ul>
      <OtherRules rules={effective?.rules ?? []} />
    </Panel>
  );
}

/** How much was judged, and what could not be for want of a header that nobody recorded. */
function Judged({ answer }: { readonly answer: TrafficVerifyAnswer }) {
  const { undecided, inForce } = answer;
  const absent = new URLSearchParams(window.location.search).getAll('absent');
  return (
    <>
      {exact(answer.requests)} requests judged with {percent(answer.confidence)} confidence
      {inForce && <InForce inForce={inForce} />}
      {undecided.requests > 0 && (
        <span className={css.warn}>
          {exact(undecided.requests)} undecided: {undecided.headers.join(', ')} not recorded
        </span>
      )}
      {undecided.headers.length > 0 && (
        <button
          type="button"
          className={css.link}
          onClick={() => setSearch({ absent: [...absent, ...undecided.headers] })}
        >
          take as absent
        </button>
      )}
      <MetaNote meta={answer.meta} />
    </>
  );
}

type RulesInForce = NonNullable<TrafficVerifyAnswer['inForce']>;

const JUDGED: Readonly<Record<RulesInForce['judged'], string>> = {
  all: 'all requests of the time range met these rules',
  sinceChange: 'requests from before were left out: they met other rules',
  acrossChange: 'the time range reaches back before: those requests met other rules',
};

/** Since when the rules hold, as what was before obeyed others. */
function InForce({ inForce: { revision, since, judged } }: { readonly inForce: RulesInForce }) {
  const sinceMs = Date.parse(since);
  return (
    <span
      className={judged === 'acrossChange' ? css.warn : undefined}
      title={`revision ${revision}, ${full(sinceMs)}: ${JUDGED[judged]}`}
    >
      {judged === 'acrossChange' ? 'also from before ' : 'in force since '}
      {clock(sinceMs)}
    </span>
  );
}

/** The judgement of each rule, by `namespace/name/index`; of several hosts the one with most requests. */
function judgedRules(answer: TrafficVerifyAnswer | undefined): Map<string, JudgedRule> {
  const found = new Map<string, JudgedRule>();
  for (const rule of answer?.rules ?? []) {
    const key = `${rule.virtualService}/${rule.ruleIndex}`;
    if ((found.get(key)?.requests ?? -1) < rule.requests) found.set(key, rule);
  }
  return found;
}

function Shares({
  route,
  rule,
}: {
  readonly route: DeclaredRoute;
  readonly rule: JudgedRule | undefined;
}) {
  const [only] = route.destinations;
  if (only && route.destinations.length === 1) {
    return (
      <p className={css.single}>
        <IconArrowNarrowRight size={15} aria-hidden /> {only.name}
      </p>
    );
  }
  const seen = rule?.checks.find((one) => one.kind === 'weights')?.shares;
  return (
    <ShareBars
      shares={route.destinations.map(({ name, share }, index) => ({
        name,
        declared: share,
        observed: seen?.[index]?.observed,
        low: seen?.[index]?.low,
        high: seen?.[index]?.high,
      }))}
    />
  );
}

function Head({
  route,
  rule,
  faulted,
}: {
  readonly route: DeclaredRoute;
  readonly rule: JudgedRule | undefined;
  /** A switch changes this rule. */
  readonly faulted: boolean;
}) {
  const { resource, ruleName, ruleIndex, hosts, when } = route;
  return (
    <p className={css.routeHead}>
      <button
        type="button"
        className={css.routeName}
        onClick={() =>
          setSearch({ edit: `${resource.kind}/${resource.namespace}/${resource.name}` })
        }
      >
        {resource.name}
      </button>
      <span className={css.quiet}>{ruleName || `rule ${ruleIndex + 1}`}</span>
      <span className={css.when} title={`${hosts.join(', ')}: ${when}`}>
        {hosts.join(', ')} <span className="mono">{when}</span>
      </span>
      {rule && <Verdict rule={rule} />}
      {faulted && (
        <span className={css.faulted} title={`fault switched on for ${resource.faults.join(', ')}`}>
          <IconBolt size={13} stroke={1.75} aria-hidden /> fault on
        </span>
      )}
    </p>
  );
}
