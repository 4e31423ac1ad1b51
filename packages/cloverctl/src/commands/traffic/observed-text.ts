// Recorded requests that would meet something else, for `diff --traffic` and `apply --traffic`.

import type { DiffSide, ObservedDiff, SourceFile } from '@clover/traffic';
import type { Context } from '../../context.ts';
import { harmless } from '../../output/text.ts';
import { absentHeaders } from './caller-flags.ts';

/** The recorded requests of the duration that `--traffic` says, decided by both sides. */
export async function diffTraffic(
  context: Context,
  before: DiffSide & { readonly files: readonly SourceFile[] },
  after: DiffSide,
): Promise<ObservedDiff> {
  const traffic = await import('@clover/traffic');
  const answer = await context.client.trafficRequests(
    { since: context.text('traffic'), limit: 50_000 },
    context.call,
  );
  if (answer.rest.spans > 0)
    context.note(
      `${context.errorStyle.yellow('note')}: ${answer.rest.spans} requests beyond 50000 distinct ones were not looked at`,
    );
  const workloads = traffic.findWorkloads(before.files, before.resources);
  const finder = traffic.createCallerFinder(before.table, before.resources, workloads);
  return traffic.diffObserved({ ...before, finder }, after, answer.items, absentHeaders(context));
}

/** A text for each client, URL and change; each ends in a line end. */
export function observedTexts({ items }: ObservedDiff, style: Context['style']): string[] {
  return items.map((one) =>
    [
      `${style.bold(String(one.requests))} requests of ${style.service(one.client)(harmless(one.client))}${one.version && ` ${harmless(one.version)}`}: ${style.bold(harmless(one.url))}`,
      ...one.changes.map(({ kind, text }) => `    ${style.dim(`${kind}:`)} ${harmless(text)}`),
      `    ${style.dim(`traces: ${one.traces.slice(0, 3).join(', ')}`)}`,
      '',
    ].join('\n'),
  );
}

export const countOfObserved = (found: ObservedDiff): string =>
  [
    `${found.changed} of ${found.requests} recorded requests would meet something else`,
    ...(found.undecided > 0
      ? [`${found.undecided} undecided (${found.undecidedHeaders.join(', ')} not recorded)`]
      : []),
  ].join(', ');
