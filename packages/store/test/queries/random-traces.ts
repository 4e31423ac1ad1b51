// Random traces for property tests: every kind of relation between two spans comes up, parents may be
// missing, client and server may share an id, weights vary.
import fc from 'fast-check';
import { hexId, type TestSpan } from './test-spans.ts';

const SERVICES = ['a', 'b', 'c', 'd.ns'];
const PEERS = ['', 'a', 'b', 'c', 'stripe.example', 'db:5432'];
const FLAGS = ['', '', '', 'FI', 'UF', 'DI', 'NR', 'UT', 'DI,FI'];

const draft = fc.record({
  parent: fc.nat(99),
  service: fc.constantFrom(...SERVICES),
  kind: fc.constantFrom(
    'unspecified',
    'internal',
    'server',
    'server',
    'client',
    'client',
    'producer',
    'consumer',
  ),
  direction: fc.constantFrom('none', 'none', 'none', 'inbound', 'outbound'),
  offsetMs: fc.integer({ min: -50, max: 120_000 }),
  durationNs: fc.integer({ min: 0, max: 2_000_000_000 }),
  status: fc.constantFrom('unset', 'unset', 'ok', 'error'),
  httpStatus: fc.constantFrom(0, 200, 200, 404, 500, 503),
  weight: fc.constantFrom(1, 1, 1, 2, 10, 0.5),
  peer: fc.constantFrom(...PEERS),
  flags: fc.constantFrom(...FLAGS),
  dropped: fc.boolean(),
  shared: fc.boolean(),
});

/** Spans of up to `traces` traces that start at or after `baseMs`; `name` keeps ids of different cases apart. */
export function randomTraces(baseMs: number, name: string, traces = 12): fc.Arbitrary<TestSpan[]> {
  return fc
    .array(fc.array(draft, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: traces })
    .map((list) =>
      list.flatMap((drafts, t) => {
        const spans: (TestSpan & { readonly dropped: boolean })[] = [];
        for (const [i, one] of drafts.entries()) {
          const parent = i === 0 ? undefined : spans[one.parent % i];
          const isServer = one.kind === 'server' || one.kind === 'consumer';
          const parentIsClient = parent?.kind === 'client' || parent?.kind === 'producer';
          const idTaken = spans.some((span) => span.id === parent?.id && span !== parent);
          const shares = one.shared && isServer && parentIsClient && !idTaken;
          spans.push({
            trace: hexId(`${name}-${t}`, 16),
            id: shares ? parent!.id : hexId(`${name}-${t}-${i}`, 8),
            parent: shares ? (parent!.parent ?? '') : (parent?.id ?? ''),
            startMs: baseMs + one.offsetMs + 50,
            durationNs: one.durationNs,
            kind: one.kind as NonNullable<TestSpan['kind']>,
            direction: one.direction as NonNullable<TestSpan['direction']>,
            status: one.status as NonNullable<TestSpan['status']>,
            httpStatus: one.httpStatus,
            weight: one.weight,
            service: one.service,
            columns: { peer: one.peer, responseFlags: one.flags, name: `op-${one.service}` },
            dropped: one.dropped && one.parent % 3 === 0,
          });
        }
        return spans.filter((span) => !span.dropped);
      }),
    );
}
