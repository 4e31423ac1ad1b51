// `./clover test`: everything, one step after the other. Its last line is the sum of all steps.
import { finish, reportStep, runStep, STEPS } from './steps.mjs';

const results = [];
for (const step of [STEPS.format, STEPS.lint, STEPS.types, STEPS.knip, STEPS.publint]) {
  const result = await runStep(step);
  reportStep(result);
  if (!result.ok) console.log(result.output.trim());
  results.push(result);
}
for (const step of [STEPS.unit, STEPS.integration, STEPS.e2e]) {
  console.log(`\n${step.name}`);
  results.push(await runStep(step, { live: true }));
}
console.log('');
for (const result of results) reportStep(result);
process.exitCode = finish(results, { withOutput: false });
