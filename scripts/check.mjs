// `npm run check`: format, lint, types, unit tests and unused code, side by side; output only of what fails.
import { finish, reportStep, runStep, STEPS } from './steps.mjs';

const queue = [STEPS.types, STEPS.unit, STEPS.lint, STEPS.knip, STEPS.format];
const results = [];
const worker = async () => {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const result = await runStep(step);
    reportStep(result);
    results.push(result);
  }
};
// Two at a time: more only take turns on a small machine.
await Promise.all([worker(), worker()]);
process.exitCode = finish(results, { withOutput: true });
