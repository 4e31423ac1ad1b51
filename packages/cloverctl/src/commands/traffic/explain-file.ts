// `explain --requests`: a file of any length, a line at a time. What is kept is per rule, never per request.

import type { ExplainedRequest } from '@clover/traffic';
import type { Decider } from './decider.ts';
import type { Context } from '../../context.ts';
import { EXIT, usageError } from '../../errors.ts';
import { REPORT, showObject, showTable } from '../../output/show.ts';
import { harmless } from '../../output/text.ts';
import { destinationText, ruleText } from './decision-words.ts';
import { requestLines } from './request-lines.ts';

interface RuleCount {
  readonly rule: string;
  readonly destinations: string;
  requests: number;
}

interface Summary {
  requests: number;
  passedOver: number;
  undecided: number;
  compared: number;
  agree: number;
  differ: number;
  readonly rules: Map<string, RuleCount>;
  /** The first few. */
  readonly differences: {
    readonly line: number;
    readonly request: string;
    readonly difference: string;
  }[];
}

const SHOWN_DIFFERENCES = 20;
const CHUNK = 64 * 1024;

/** Writes decisions or their summary; gives the exit code. */
export async function explainFile(
  context: Context,
  { table, finder, absent }: Decider,
  file: string,
): Promise<number> {
  const { requestsOfLine, explainRequest } = await import('@clover/traffic');
  const summary: Summary = {
    requests: 0,
    passedOver: 0,
    undecided: 0,
    compared: 0,
    agree: 0,
    differ: 0,
    rules: new Map(),
    differences: [],
  };
  const lines = context.output === 'jsonl';
  let pending = '';
  for await (const { number, text } of requestLines(context, file, () => summary.requests)) {
    const read = requestsOfLine(text);
    if (typeof read === 'string')
      throw usageError(
        `${file}:${number}: ${read}`,
        'cloverctl help explain says which forms are known',
      );
    summary.passedOver += read.passedOver;
    for (const asked of read.requests) {
      const explained = explainRequest(table, finder, asked, absent);
      count(summary, explained, number);
      if (!lines) continue;
      pending += `${jsonLine(explained, number)}\n`;
      if (pending.length > CHUNK) {
        context.io.stdout.write(pending);
        pending = '';
      }
    }
  }
  if (pending !== '') context.io.stdout.write(pending);
  await report(context, summary);
  if (summary.differ > 0) return EXIT.negative;
  return summary.requests > 0 && summary.undecided === summary.requests
    ? EXIT.inconclusive
    : EXIT.ok;
}

function count(summary: Summary, explained: ExplainedRequest, number: number): void {
  const { line, undecided, agrees, difference, request } = explained;
  summary.requests++;
  if (undecided.length > 0) summary.undecided++;
  if (agrees !== undefined) summary.compared++;
  if (agrees === true) summary.agree++;
  if (agrees === false) {
    summary.differ++;
    if (summary.differences.length < SHOWN_DIFFERENCES)
      summary.differences.push({
        line: number,
        request: `${request.method} http://${request.headers['host']}${request.path}`,
        difference: difference!,
      });
  }
  const rule = undecided.length > 0 ? 'undecided' : ruleText(line);
  // A redirect's place depends on each request; a rule is what is counted.
  const destinations =
    undecided.length > 0
      ? `${undecided.join(', ')} not recorded`
      : line.outcome === 'redirect'
        ? `redirect ${line.redirect!.status}`
        : destinationText(line);
  const key = `${rule}\n${destinations}`;
  const before = summary.rules.get(key);
  if (before) before.requests++;
  else summary.rules.set(key, { rule, destinations, requests: 1 });
}

function jsonLine(
  { request, found, line, undecided, agrees, difference }: ExplainedRequest,
  number: number,
): string {
  return JSON.stringify({
    line: number,
    request: {
      via: found.caller.via,
      method: request.method,
      host: request.headers['host'] ?? '',
      path: request.path,
    },
    ...line,
    ...(undecided.length > 0 ? { undecided } : {}),
    ...(agrees === undefined ? {} : { agrees }),
    ...(difference === undefined ? {} : { difference }),
  });
}

async function report(context: Context, summary: Summary): Promise<void> {
  const { differences, requests, passedOver, undecided, compared, agree, differ } = summary;
  const rules = [...summary.rules.values()].toSorted((a, b) => b.requests - a.requests);
  if (context.output === 'json' || context.output === 'yaml')
    await showObject(context, {
      requests,
      passedOver,
      undecided,
      compared,
      agree,
      differ,
      rules,
      differences,
    });
  else if (context.output !== 'jsonl') {
    showTable(
      context,
      rules,
      [
        { title: 'RULE', text: (row) => row.rule, shrinkTo: 16 },
        { title: 'REQUESTS', align: 'right', text: (row) => String(row.requests) },
        {
          title: 'SHARE',
          align: 'right',
          text: (row, figures) => figures.ratio(row.requests / requests),
        },
        { title: 'GO TO', text: (row) => row.destinations, shrinkTo: 20 },
      ],
      REPORT,
    );
  }
  for (const one of differences)
    context.note(
      `${context.errorStyle.red('differs')}: line ${one.line}: ${harmless(one.request)}: ${harmless(one.difference)}`,
    );
  if (differ > differences.length) context.note(`and ${differ - differences.length} more differ`);
  context.note(
    [
      `${requests} requests`,
      ...(compared > 0 ? [`${agree} of ${compared} answers as the rules say`] : []),
      ...(undecided > 0 ? [`${undecided} undecided`] : []),
      ...(passedOver > 0 ? [`${passedOver} entries that no rule decides about passed over`] : []),
    ].join(', '),
  );
}
