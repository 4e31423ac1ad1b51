import type { TrafficVerifyAnswer } from '@clover/model';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { EXIT, usageError } from '../../errors.ts';
import { outputFlagOf, scopeFlags } from '../../flags.ts';
import { junitXml, type JunitCase } from '../../output/junit.ts';
import { noteMeta } from '../../output/meta-notes.ts';
import { percent } from '../../output/percent.ts';
import { REPORT, showObject, showTable } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { absentFlag } from './caller-flags.ts';
import { loadResources } from './load-resources.ts';

type Rule = TrafficVerifyAnswer['rules'][number];
type Check = Rule['checks'][number];

export const verifyTraffic: Command = {
  path: 'verify traffic',
  summary: 'Does the observed traffic obey the declared rules',
  text: 'Decides every recorded request again by Istio resources (files, or without -f those in force) and holds what became of it against them: where a rule’s requests went, in which shares, how many were aborted, delayed and copied. Shares are judged by exact binomial and multinomial tests. --confidence holds for the whole run: so sure it is that no true share is called wrong (Holm over all tests) and that none passes that is off by more than the tolerance (exact intervals, Bonferroni). A rule with too few requests is inconclusive, with about how many more it takes. Without -f the time begins no earlier than the last change came into force; a --start that is earlier stands, with a warning. Requests go by the spans of the proxies; a header that no span has makes a request undecided when a rule looks at it. Exits with 3 when a rule fails, with 5 when a rule that has requests is inconclusive (with --all-rules also one that has none) or requests are undecided.',
  examples: [
    { says: 'what is in force, since its last change', line: 'verify traffic --since 1h' },
    { says: 'the last hour against files', line: 'verify traffic -f mesh/ --since 1h' },
    {
      says: 'stricter, for CI',
      line: 'verify traffic -f mesh/ --since 10m --confidence 0.99 --tolerance 0.02 -o junit',
    },
    {
      says: 'where spans hold no headers and the canary’s is hardly ever sent',
      line: 'verify traffic -f mesh/ --absent x-canary',
    },
  ],
  flags: [
    {
      name: 'file',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'file or folder of Istio resources, may be repeated (default: what is in force)',
      completes: 'file',
    },
    ...scopeFlags,
    { name: 'confidence', value: 'P', says: 'of the whole run, 0.5 to 0.999999 (default 0.95)' },
    {
      name: 'tolerance',
      value: 'SHARE',
      says: 'how far a share may be off and still pass (default 0.05: 5 points; at most half of the share)',
    },
    absentFlag,
    { name: 'all-rules', says: 'a rule without requests is inconclusive too' },
    outputFlagOf('table', 'wide', 'json', 'yaml', 'junit'),
  ],
  async run(context) {
    const named = context.list('file');
    // Without files the controller knows best what is in force, and since when.
    const files = named.length > 0 ? (await loadResources(context, named)).files : undefined;
    const answer = await context.client.trafficVerify(
      {
        ...context.scope(),
        files: files?.map(({ name, text }) => ({ name, text })),
        confidence: numberOf(context, 'confidence'),
        tolerance: numberOf(context, 'tolerance'),
        absent: [...context.list('absent')],
      },
      context.call,
    );
    await report(context, answer);
    if (answer.verdict === 'fail') return EXIT.negative;
    const unmet = context.on('all-rules') && answer.rules.some((one) => one.requests === 0);
    return answer.verdict === 'inconclusive' || unmet ? EXIT.inconclusive : EXIT.ok;
  },
};

function numberOf(context: Context, flag: string): number | undefined {
  const text = context.text(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1))
    throw usageError(`--${flag} takes a number between 0 and 1, not "${text}"`);
  return value;
}

interface Row {
  readonly rule: Rule;
  readonly check: Check | undefined;
  readonly share: Check['shares'][number] | undefined;
}

async function report(context: Context, answer: TrafficVerifyAnswer): Promise<void> {
  const { output, io } = context;
  if (output === 'json' || output === 'yaml') await showObject(context, answer);
  else if (output === 'junit') io.stdout.write(junit(answer));
  else table(context, answer);
  noteMeta(context, answer.meta, { rows: answer.rules.length });
  noteRevision(context, answer);
  for (const { rule, check } of rowsOf(answer.rules).filter(firstOfCheck))
    notes(context, rule, check!);
  const { undecided } = answer;
  if (undecided.requests > 0)
    context.note(
      `${context.errorStyle.yellow('note')}: ${undecided.requests} requests are undecided: ${harmless(undecided.headers.join(', '))} was not recorded (--absent takes it as not sent)`,
    );
  if (answer.left > 0)
    context.note(
      `${context.errorStyle.yellow('note')}: ${answer.left} requests beyond 50000 distinct ones were not judged`,
    );
  const met = answer.rules.filter((one) => one.requests > 0);
  const count = (verdict: Rule['verdict']) => met.filter((one) => one.verdict === verdict).length;
  context.note(
    `${answer.requests} requests: ${count('pass')} rules pass, ${count('fail')} fail, ${count('inconclusive')} inconclusive, ${answer.rules.length - met.length} without requests (confidence ${percent(answer.confidence)})`,
  );
}

function noteRevision({ note, errorStyle }: Context, { inForce }: TrafficVerifyAnswer): void {
  if (inForce?.judged === 'sinceChange')
    note(`judged from ${inForce.since}, when revision ${inForce.revision} came into force`);
  else if (inForce?.judged === 'acrossChange')
    note(
      `${errorStyle.yellow('warning')}: revision ${inForce.revision} came into force at ${inForce.since}: what was before obeyed other rules`,
    );
}

const firstOfCheck = ({ check, share }: Row) => check !== undefined && check.shares[0] === share;

function rowsOf(rules: readonly Rule[]): Row[] {
  return rules.flatMap((rule): Row[] =>
    rule.checks.length === 0
      ? [{ rule, check: undefined, share: undefined }]
      : rule.checks.flatMap((check) =>
          // Of two sides the second says nothing new, except where both have a name.
          (check.kind === 'weights' ? check.shares : check.shares.slice(0, 1)).map((share) => ({
            rule,
            check,
            share,
          })),
        ),
  );
}

function table(context: Context, answer: TrafficVerifyAnswer): void {
  const { style } = context;
  const paint = (verdict: Rule['verdict']) =>
    verdict === 'pass' ? style.green : verdict === 'fail' ? style.red : style.yellow;
  showTable<Row>(
    context,
    rowsOf(answer.rules),
    [
      { title: 'RULE', text: ({ rule }) => nameOf(rule), shrinkTo: 16 },
      { title: 'CHECK', text: ({ check }) => check?.kind ?? '-' },
      {
        title: 'WHAT',
        text: ({ rule, share }) => share?.name ?? withoutChecks(rule),
        shrinkTo: 18,
      },
      {
        title: 'DECLARED',
        align: 'right',
        text: ({ share }) => (share ? percent(share.declared) : '-'),
      },
      {
        title: 'OBSERVED',
        align: 'right',
        text: ({ share }) => (share && share.observed !== null ? rounded(share.observed) : '-'),
      },
      {
        title: 'INTERVAL',
        align: 'right',
        text: ({ share, check }) =>
          share && check!.requests > 0 ? `${rounded(share.low)} … ${rounded(share.high)}` : '-',
      },
      {
        title: 'COUNT',
        align: 'right',
        text: ({ share, check }) => (share ? `${share.count} of ${check!.requests}` : '-'),
      },
      {
        title: 'P',
        align: 'right',
        text: ({ check }) => (check && check.requests > 0 ? pText(check.pValue) : '-'),
      },
      {
        title: 'VERDICT',
        text: ({ rule, check }) => check?.verdict ?? rule.verdict,
        paint: ({ rule, check }) => paint(check?.verdict ?? rule.verdict),
      },
    ],
    REPORT,
  );
}

/** Of a rule of which nothing can be checked. */
const withoutChecks = ({ requests, undecided }: Rule) =>
  undecided > 0
    ? `${undecided} undecided requests`
    : requests > 0
      ? `${requests} requests, nothing to check`
      : 'no requests';

const rounded = (ratio: number) => `${(ratio * 100).toFixed(2)} %`;
const pText = (p: number) => (p < 0.0001 ? '<0.0001' : p.toFixed(4));

function nameOf({ virtualService, ruleIndex, ruleName, virtualHost }: Rule): string {
  if (virtualService !== null) return `${virtualService} ${ruleName || `http[${ruleIndex}]`}`;
  return `no rule, ${virtualHost ?? 'no virtual host'}`;
}

function notes(context: Context, rule: Rule, check: Check): void {
  const { errorStyle, io } = context;
  const where = `${nameOf(rule)}, ${check.kind}`;
  if (check.note !== '')
    context.note(`${errorStyle.yellow('inconclusive')}: ${harmless(`${where}: ${check.note}`)}`);
  else if (check.verdict === 'inconclusive')
    context.note(
      `${errorStyle.yellow('inconclusive')}: ${harmless(where)}: about ${check.neededRequests} more requests are needed`,
    );
  else if (check.verdict === 'fail')
    context.note(
      `${errorStyle.red('fail')}: ${harmless(where)}: ${io.programName} get trace ${check.traces.slice(0, 3).join(', ')}`,
    );
}

function junit(answer: TrafficVerifyAnswer): string {
  return junitXml(
    'verify traffic',
    answer.rules.flatMap((rule): JunitCase[] =>
      rule.checks.length === 0
        ? [{ className: nameOf(rule), name: 'requests', skipped: withoutChecks(rule) }]
        : rule.checks.map((check) => ({
            className: nameOf(rule),
            name: check.kind,
            output: check.shares
              .map(
                (one) =>
                  `${one.name}: declared ${percent(one.declared)}, observed ${one.count} of ${check.requests}`,
              )
              .join('\n'),
            ...(check.verdict === 'fail'
              ? { failure: `p = ${pText(check.pValue)}; traces: ${check.traces.join(', ')}` }
              : check.verdict === 'inconclusive'
                ? {
                    skipped:
                      check.note ||
                      `inconclusive: about ${check.neededRequests} more requests are needed`,
                  }
                : {}),
          })),
    ),
  );
}
