// Property tests draw the same cases in every run, so that a failure is found again and a green run stays
// green. CLOVER_TEST_SEED=random explores, CLOVER_TEST_SEED=NUMBER repeats what it found.

import fc from 'fast-check';

const given = process.env['CLOVER_TEST_SEED'];
if (given !== 'random') {
  const seed = Number(given ?? 7);
  if (!Number.isInteger(seed))
    throw new Error(`CLOVER_TEST_SEED is ${given}: give a whole number, or the word random`);
  fc.configureGlobal({ seed });
}
