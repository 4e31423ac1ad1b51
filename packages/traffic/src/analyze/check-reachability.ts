// Rules that no request can reach. A rule is called unreachable only when it is proved: every request
// that meets its block meets an earlier one. The proof goes condition by condition, and a witness
// request, decided by the real table, shows who takes it instead.

import type { RoutingTable } from '../compile.ts';
import { decide } from '../decide.ts';
import { stringTest } from '../conditions.ts';
import type { HttpMatch, Resource, StringMatch, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';
import { witnessFor, type Witness } from './witness.ts';

export function checkReachability(
  resources: readonly Resource[],
  table: RoutingTable,
  report: Report,
): void {
  for (const resource of resources) {
    if (resource.kind === 'VirtualService') checkOne(resource, table, resources, report);
  }
}

interface Block {
  readonly ruleIndex: number;
  readonly matchIndex: number;
  readonly match: HttpMatch;
}

function checkOne(
  resource: VirtualService,
  table: RoutingTable,
  resources: readonly Resource[],
  report: Report,
): void {
  const blocks: Block[] = (resource.spec.http ?? []).flatMap((rule, ruleIndex) =>
    rule.match && rule.match.length > 0
      ? rule.match.map((match, matchIndex) => ({ ruleIndex, matchIndex, match }))
      : [{ ruleIndex, matchIndex: -1, match: {} }],
  );
  const ruleName = (index: number) => resource.spec.http?.[index]?.name ?? `http[${index}]`;
  blocks.forEach((block, index) => {
    const earlier = blocks.slice(0, index).find((one) => implies(block.match, one.match));
    if (!earlier) return;
    const path = [
      'spec',
      'http',
      block.ruleIndex,
      ...(block.matchIndex === -1 ? [] : ['match', block.matchIndex]),
    ];
    const witness = witnessFor(resource, block.match, resources);
    const taken = witness && takenBy(table, witness);
    const shown = witness
      ? ` (for example ${witness.method} http://${witness.headers['host']}${witness.path}${taken ? `, taken by ${taken}` : ''})`
      : '';
    const severity = earlier.ruleIndex === block.ruleIndex ? 'info' : 'error';
    report(resource, path, {
      code: 'CLV301',
      severity,
      message: `no request can reach this: ${ruleName(earlier.ruleIndex)} takes all of them before${shown}`,
      hint:
        severity === 'error'
          ? `move it before ${ruleName(earlier.ruleIndex)}`
          : 'an earlier block of the same rule covers it',
    });
  });
}

function takenBy(table: RoutingTable, witness: Witness): string | undefined {
  const { rule } = decide(table, witness.caller, witness);
  return rule?.virtualService
    ? `${rule.virtualService} ${rule.ruleName || `http[${rule.ruleIndex}]`}`
    : undefined;
}

/** Whether every request that meets `narrow` also meets `wide`. False when it cannot be shown. */
export function implies(narrow: HttpMatch, wide: HttpMatch): boolean {
  if (wide.port !== undefined && wide.port !== narrow.port) return false;
  if (wide.gateways?.length) {
    if (!narrow.gateways?.length || !narrow.gateways.every((one) => wide.gateways!.includes(one)))
      return false;
  } else {
    if (wide.sourceNamespace && wide.sourceNamespace !== narrow.sourceNamespace) return false;
    const labels = Object.entries(wide.sourceLabels ?? {});
    if (!labels.every(([key, value]) => narrow.sourceLabels?.[key] === value)) return false;
  }
  if (wide.uri && !uriImplies(narrow, wide)) return false;
  for (const field of ['method', 'authority', 'scheme'] as const) {
    if (stringTest(wide[field]) && !textImplies(narrow[field], wide[field]!)) return false;
  }
  for (const field of ['headers', 'queryParams'] as const) {
    for (const [name, wanted] of Object.entries(wide[field] ?? {})) {
      if (narrow[field]?.[name] === undefined) return false;
      if (stringTest(wanted) && !textImplies(narrow[field]![name] ?? undefined, wanted!))
        return false;
    }
  }
  for (const [name, unwanted] of Object.entries(wide.withoutHeaders ?? {})) {
    const same = narrow.withoutHeaders?.[name];
    if (same === undefined || JSON.stringify(same) !== JSON.stringify(unwanted)) return false;
  }
  return true;
}

function uriImplies(narrow: HttpMatch, wide: HttpMatch): boolean {
  const uri = wide.uri!;
  if (uri.prefix === '/' || uri.prefix === '' || uri.regex === '.*' || uri.regex === '/.*')
    return true;
  if (!narrow.uri) return false;
  if (wide.ignoreUriCase && uri.regex === undefined) {
    return textImplies(lower(narrow.uri), lower(uri));
  }
  return (
    !(narrow.ignoreUriCase && narrow.uri.regex === undefined && hasLetters(narrow.uri)) &&
    textImplies(narrow.uri, uri)
  );
}

function textImplies(narrow: StringMatch | undefined, wide: StringMatch): boolean {
  if (!narrow) return false;
  if (narrow.exact !== undefined) return stringTest(wide)!(narrow.exact);
  if (wide.prefix !== undefined)
    return narrow.prefix !== undefined && narrow.prefix.startsWith(wide.prefix);
  if (wide.regex === undefined) return false;
  if (wide.regex === '.*' || narrow.regex === wide.regex) return true;
  // `literal.*` takes whatever begins with the literal.
  const literal = /^([\w/-]*)\.\*$/.exec(wide.regex)?.[1];
  return literal !== undefined && narrow.prefix !== undefined && narrow.prefix.startsWith(literal);
}

const lower = (match: StringMatch): StringMatch => ({
  ...(match.exact !== undefined && { exact: match.exact.toLowerCase() }),
  ...(match.prefix !== undefined && { prefix: match.prefix.toLowerCase() }),
  ...(match.regex !== undefined && { regex: match.regex }),
});
const hasLetters = (match: StringMatch) => /[a-z]/i.test(match.exact ?? match.prefix ?? '');
