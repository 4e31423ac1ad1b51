// Random tables and requests against a data plane: the differential suite.

import { setTimeout as sleep } from 'node:timers/promises';
import { compile } from '../../src/index.ts';
import { differs } from './compare.ts';
import type { DataPlaneUnderTest } from './data-plane-under-test.ts';
import { generateRequest, type Asked } from './generate-request.ts';
import { generateSidecar } from './generate-sidecar.ts';
import { generateTable, type Table } from './generate-table.ts';
import { createRandom } from './random.ts';

export interface DifferentialRun {
  readonly tables: number;
  readonly compared: number;
  /** How many answers came from where. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** `seed 7: header x-a: …`, with the request and the table that show it. */
  readonly differences: readonly string[];
}

export interface RunOptions {
  readonly seed: number;
  readonly tables: number;
  readonly requestsPerTable: number;
  /** Tables that are in force at the same time. */
  readonly batch: number;
  readonly onBatch?: (run: DifferentialRun) => void;
}

const CONCURRENCY = 16;

export async function runDifferential(
  plane: DataPlaneUnderTest,
  options: RunOptions,
): Promise<DifferentialRun> {
  const differences: string[] = [];
  const outcomes: Record<string, number> = {};
  let compared = 0;
  for (let first = 0; first < options.tables; first += options.batch) {
    const size = Math.min(options.batch, options.tables - first);
    const tables = Array.from({ length: size }, (_, index) => {
      const number = options.seed * 100_000 + first + index;
      const { gatewayApi } = plane;
      return { number, table: generateTable(createRandom(number), number, { gatewayApi }) };
    });
    const sidecar = generateSidecar(createRandom(options.seed * 977 + first));
    const resources = await plane.apply([
      ...sidecar,
      ...tables.flatMap((one) => one.table.resources),
    ]);
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
      const answer = await plane.answer(one.asked.via, one.asked.request);
      const kind = answer.up ? 'upstream' : String(answer.status);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      compared++;
      let difference = differs(routing, one.asked, answer);
      // The last of the rules may have been on their way: what differs must do so for good.
      for (let again = 0; difference && again < 2; again++) {
        await sleep(500);
        difference = differs(
          routing,
          one.asked,
          await plane.answer(one.asked.via, one.asked.request),
        );
      }
      if (difference) differences.push(told(one.number, difference, one.asked, one.table));
    });
    options.onBatch?.({ tables: first + size, compared, outcomes, differences });
  }
  return { tables: options.tables, compared, outcomes, differences };
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
