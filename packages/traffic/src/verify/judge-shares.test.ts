import { describe, expect, it } from 'vitest';
import { holm, judgeShares, marginOf, requestsFor, type Verdict } from './judge-shares.ts';

/** mulberry32: the same draws in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sample(shares: readonly number[], requests: number, draw: () => number): number[] {
  const counts = shares.map(() => 0);
  for (let one = 0; one < requests; one++) {
    let left = draw();
    let at = 0;
    while (at < shares.length - 1 && left >= shares[at]!) left -= shares[at++]!;
    counts[at]!++;
  }
  return counts;
}

const OPTIONS = { confidence: 0.95, tolerance: 0.05 };
const RUNS = 1500;

/** How often each verdict comes out when `truth` is what happens and `declared` what is declared. */
function verdicts(
  truth: readonly number[],
  declared: readonly number[],
  requests: number,
  seed: number,
): Record<Verdict, number> {
  const draw = draws(seed);
  const seen = { pass: 0, fail: 0, inconclusive: 0 };
  for (let run = 0; run < RUNS; run++) {
    const counts = sample(truth, requests, draw);
    seen[judgeShares([{ counts, shares: declared }], OPTIONS)[0]!.verdict] += 1 / RUNS;
  }
  return seen;
}

// Three standard errors of a rate of 5 % over so many runs.
const SLACK = 3 * Math.sqrt((0.05 * 0.95) / RUNS);

describe('judging shares at a confidence of 95 %', () => {
  const needed = requestsFor(0.3, 0.05, 0.05);

  it('asks for the number of requests that decides', () => {
    expect(needed).toBe(883);
    expect(requestsFor(0, 0.05, 0.05)).toBe(72);
    expect(marginOf(0.02, 0.05)).toBe(0.01);
    const [few] = judgeShares([{ counts: [60, 140], shares: [0.3, 0.7] }], OPTIONS);
    expect(few).toMatchObject({ verdict: 'inconclusive', neededRequests: 683 });
  });

  it('passes a true 30/70', () => {
    const seen = verdicts([0.3, 0.7], [0.3, 0.7], needed, 1);
    expect(seen.fail).toBeLessThan(0.05 + SLACK);
    expect(seen.pass).toBeGreaterThan(0.75);
    const more = verdicts([0.3, 0.7], [0.3, 0.7], 2 * needed, 2);
    expect(more.fail).toBeLessThan(0.05 + SLACK);
    expect(more.pass).toBeGreaterThan(0.95 - SLACK);
  });

  it('catches a 25/75 that is declared as 30/70, and hardly ever passes it', () => {
    const seen = verdicts([0.25, 0.75], [0.3, 0.7], needed, 3);
    expect(seen.pass).toBeLessThan(0.05 + SLACK);
    expect(seen.fail).toBeGreaterThan(0.85);
    const more = verdicts([0.25, 0.75], [0.3, 0.7], 2 * needed, 4);
    expect(more.pass).toBeLessThan(0.05 + SLACK);
    expect(more.fail).toBeGreaterThan(0.99);
  });

  it('keeps its error rates with few requests, small shares and three destinations', () => {
    for (const [index, [truth, requests]] of (
      [
        [[0.3, 0.7], 40],
        [[0.05, 0.95], requestsFor(0.05, 0.025, 0.05)],
        [[0.01, 0.99], 300],
        [[0.5, 0.3, 0.2], 150],
      ] as const
    ).entries()) {
      const seen = verdicts(truth, truth, requests, 10 + index);
      expect(seen.fail).toBeLessThan(0.05 + SLACK);
    }
    // Off by the tolerance: half of 5 %.
    expect(verdicts([0.025, 0.975], [0.05, 0.95], 2000, 20).pass).toBeLessThan(0.05 + SLACK);
    expect(verdicts([0.55, 0.27, 0.18], [0.5, 0.3, 0.2], 3000, 21).pass).toBeLessThan(0.05 + SLACK);
  });

  it('keeps them over many hypotheses of one run', () => {
    const draw = draws(30);
    let wrong = 0;
    let caught = 0;
    for (let run = 0; run < 300; run++) {
      const truths = Array.from({ length: 20 }, (_, index) => (index === 7 ? 0.25 : 0.3));
      const judged = judgeShares(
        truths.map((share) => ({
          counts: sample([share, 1 - share], 2000, draw),
          shares: [0.3, 0.7],
        })),
        OPTIONS,
      );
      if (judged.some((one, index) => index !== 7 && one.verdict === 'fail')) wrong += 1 / 300;
      if (judged[7]!.verdict === 'fail') caught += 1 / 300;
      expect(judged[7]!.verdict).not.toBe('pass');
    }
    expect(wrong).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 300));
    expect(caught).toBeGreaterThan(0.9);
  });

  it('fails at once what may never happen, and passes it after enough requests without', () => {
    const judge = (broken: number, requests: number) =>
      judgeShares([{ counts: [requests - broken, broken], shares: [1, 0] }], OPTIONS)[0]!;
    expect(judge(1, 10).verdict).toBe('fail');
    expect(judge(0, 10)).toMatchObject({ verdict: 'inconclusive', neededRequests: 62 });
    expect(judge(0, 72).verdict).toBe('pass');
    expect(judge(0, 0).verdict).toBe('inconclusive');
  });
});

it('Holm rejects step by step', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true]);
  expect(holm([0.04, undefined], 0.05)).toEqual([true, false]);
});
