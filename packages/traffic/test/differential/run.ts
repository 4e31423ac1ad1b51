// Random tables and requests against a data plane: the differential suite.

import { setTimeout as sleep } from 'node:timers/promises';
import { compile, readResources, type RoutingTable } from '../../src/index.ts';
import { byChance, differs, differsBetween, type Exception } from './compare.ts';
import type { Answer, DataPlaneUnderTest } from './data-plane-under-test.ts';
import { generateRequest, type Asked } from './generate-request.ts';
import { generateSidecar } from './generate-sidecar.ts';
import { generateTable, type Plain, type Table } from './generate-table.ts';
import { createRandom } from './random.ts';

export interface DifferentialRun {
  readonly tables: number;
  readonly compared: number;
  /** How many answers came from where. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of the second plane, which answers the same requests. */
  readonly beside: {
    /** Answers that agree with the first plane's in everything but the exceptions. */
    readonly alike: number;
    /** Answers where chance took another destination each time: held to the decision. */
    readonly byChance: number;
    /** How often each exception was met. */
    readonly exceptions: Readonly<Record<string, number>>;
  };
  /** `seed 7: header x-a: …`, with the request and the table that show it. */
  readonly differences: readonly string[];
}

export interface RunOptions {
  readonly seed: number;
  readonly tables: number;
  readonly requestsPerTable: number;
  /** Tables that are in force at the same time. */
  readonly batch: number;
  /** A second plane, whose answers are compared with the first's. */
  readonly beside?: {
    readonly plane: DataPlaneUnderTest;
    readonly exceptions: readonly Exception[];
  };
  readonly onBatch?: (run: DifferentialRun) => void;
}

const CONCURRENCY = 16;
/** How often a request is sent again until chance takes both planes to the same place. */
const DRAWS = 25;

export async function runDifferential(
  plane: DataPlaneUnderTest,
  options: RunOptions,
): Promise<DifferentialRun> {
  const differences: string[] = [];
  const outcomes: Record<string, number> = {};
  const beside = { alike: 0, byChance: 0, exceptions: {} as Record<string, number> };
  let compared = 0;
  for (let first = 0; first < options.tables; first += options.batch) {
    const size = Math.min(options.batch, options.tables - first);
    const tables = Array.from({ length: size }, (_, index) => {
      const number = options.seed * 100_000 + first + index;
      const { gatewayApi } = plane;
      return { number, table: generateTable(createRandom(number), number, { gatewayApi }) };
    });
    const sidecar = generateSidecar(createRandom(options.seed * 977 + first));
    const plain = [...sidecar, ...tables.flatMap((one) => one.table.resources)];
    mustBeValid(plain);
    const resources = await plane.apply(plain);
    // With their times of creation, as Istio stores them.
    await options.beside?.plane.apply(resources as readonly unknown[] as Plain[]);
    const routing = compile(resources);
    const asked = tables.flatMap(({ number, table }) => {
      const random = createRandom(number ^ 0x5eed);
      return Array.from({ length: options.requestsPerTable }, () => ({
        number,
        table,
        asked: generateRequest(random, table),
      }));
    });
    await eachConcurrently(asked, async (one) => {
      let answer = await plane.answer(one.asked.via, one.asked.request);
      const kind = answer.up ? 'upstream' : String(answer.status);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      compared++;
      let difference = differs(routing, one.asked, answer);
      // The last of the rules may have been on their way: what differs must do so for good.
      for (let again = 0; difference && again < 2; again++) {
        await sleep(500);
        answer = await plane.answer(one.asked.via, one.asked.request);
        difference = differs(routing, one.asked, answer);
      }
      if (options.beside && !difference) {
        const found = await besides(options.beside, { routing, asked: one.asked, answer });
        for (const name of found.met) beside.exceptions[name] = (beside.exceptions[name] ?? 0) + 1;
        if (found.kind === 'differs') difference = `the second plane: ${found.difference}`;
        else beside[found.kind]++;
      }
      if (difference) differences.push(told(one.number, difference, one.asked, one.table));
    });
    options.onBatch?.({ tables: first + size, compared, outcomes, beside, differences });
  }
  return { tables: options.tables, compared, outcomes, beside, differences };
}

/** A resource that Istio's webhook would refuse says nothing about routing. */
function mustBeValid(resources: readonly Plain[]): void {
  const text = resources.map((one) => JSON.stringify(one)).join('\n---\n');
  const { findings } = readResources([{ name: 'tables.yaml', text }]);
  const error = findings.find((one) => one.severity === 'error');
  if (error) throw new Error(`${error.resource} is not valid: ${error.code} ${error.message}`);
}

type Found = { readonly met: ReadonlySet<string> } & (
  | { readonly kind: 'alike' | 'byChance' }
  | { readonly kind: 'differs'; readonly difference: string }
);

/** The second plane's answer to the same request. */
async function besides(
  { plane, exceptions }: NonNullable<RunOptions['beside']>,
  { routing, asked, answer }: { routing: RoutingTable; asked: Asked; answer: Answer },
): Promise<Found> {
  const chance = byChance(routing, asked);
  let met = new Set<string>();
  let difference: string | undefined;
  for (let draw = 0; draw < (chance ? DRAWS : 1); draw++) {
    const mine = await plane.answer(asked.via, asked.request);
    const wrong = differs(routing, asked, without(mine, exceptions));
    if (wrong) return { kind: 'differs', difference: wrong, met };
    met = new Set();
    difference = differsBetween(answer, mine, { exceptions, met: (name) => met.add(name) });
    if (!difference) return { kind: 'alike', met };
  }
  return chance
    ? { kind: 'byChance', met: new Set() }
    : { kind: 'differs', difference: difference!, met };
}

/** An answer without what a decision does not know of. */
export function without(answer: Answer, exceptions: readonly Exception[]): Answer {
  const { up } = answer;
  if (!up) return answer;
  const kept = Object.entries(up.headers).filter(
    ([name]) => !exceptions.some((one) => one.of === 'request' && one.headers.test(name)),
  );
  return { ...answer, up: { ...up, headers: Object.fromEntries(kept) } };
}

function told(number: number, difference: string, { via, request }: Asked, table: Table): string {
  const said = new RegExp(/"(?:virtualService)":"[^/]*\/([^"]*)"/.exec(difference)?.[1] ?? '.');
  const mentioned = table.resources.filter(
    (one) =>
      one.kind === 'Gateway' || (one.kind === 'VirtualService' && said.test(one.metadata.name)),
  );
  return `table ${number}: ${difference}\n  ${via} ${JSON.stringify(request)}\n${mentioned
    .map(
      (one) =>
        `  ${one.kind} ${one.metadata.namespace}/${one.metadata.name} ${JSON.stringify(one.spec)}`,
    )
    .join('\n')}`;
}

async function eachConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
