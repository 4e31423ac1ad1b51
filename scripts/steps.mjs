// Runs the programs of `./clover check` and `./clover test` and counts what they say.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

/**
 * @typedef {{ name: string, command: string[], vitest?: boolean, env?: Record<string, string> }} Step
 * A vitest step is counted by its tests, any other as one.
 * @typedef {{ name: string, ok: boolean, passed: number, failed: number, skipped: string[], failures?: string[], seconds: number, output: string }} StepResult
 */

const REPORTS = '.cache/clover/reports';
const bin = (name) => `node_modules/.bin/${name}`;

/** @type {Record<string, Step>} */
export const STEPS = {
  format: { name: 'format', command: [bin('oxfmt'), '--check', '.'] },
  lint: { name: 'lint', command: [bin('oxlint'), '--type-aware', '--max-warnings', '0'] },
  types: { name: 'types', command: ['node', 'scripts/types.mjs'] },
  knip: { name: 'unused code', command: [bin('knip'), '--no-progress'] },
  publint: { name: 'package contents', command: ['node', 'scripts/publint.mjs'] },
  unit: vitest('unit tests', 'unit', 'ui'),
  integration: vitest('integration tests', 'integration'),
  e2e: vitest('end-to-end tests', 'e2e'),
};

function vitest(name, ...projects) {
  const command = [bin('vitest'), 'run', ...projects.flatMap((project) => ['--project', project])];
  return { name, command, vitest: true };
}

/** Runs one step. With `live` its output goes to the terminal as it comes. */
export function runStep(step, { live = false, env = {} } = {}) {
  const report = `${REPORTS}/${step.name.replaceAll(' ', '-')}.json`;
  mkdirSync(REPORTS, { recursive: true });
  rmSync(report, { force: true });
  const [program, ...args] = step.command;
  if (step.vitest) {
    args.push(live ? '--reporter=default' : '--reporter=dot');
    args.push('--reporter=json', `--outputFile.json=${report}`);
  }
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(live ? {} : { NO_COLOR: '1' }), ...env },
    });
    let output = '';
    child.stdout?.on('data', (text) => (output += text));
    child.stderr?.on('data', (text) => (output += text));
    const end = (code) =>
      resolve({
        name: step.name,
        seconds: (performance.now() - started) / 1000,
        output,
        ...count(step, code, report),
      });
    child.once('error', (error) => {
      output += String(error);
      end(1);
    });
    child.once('close', end);
  });
}

function count(step, code, report) {
  const ok = code === 0;
  if (!step.vitest) return { ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] };
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = result.testResults.flatMap((file) =>
      file.assertionResults
        .filter(({ status }) => ['pending', 'skipped', 'todo', 'disabled'].includes(status))
        .map(({ fullName }) => fullName),
    );
    const failures = result.testResults.flatMap((file) => [
      ...(file.assertionResults.length === 0 && file.message
        ? [`${file.name}: ${file.message}`]
        : []),
      ...file.assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0] ?? ''}`),
    ]);
    // A file that cannot be loaded, or an error outside a test, fails no test: it counts as one.
    const failed = Math.max(result.numFailedTests, ok ? 0 : 1);
    return { ok: ok && failed === 0, passed: result.numPassedTests, failed, skipped, failures };
  } catch {
    return { ok: false, passed: 0, failed: 1, skipped: [] };
  }
}

export function reportStep(result) {
  const { passed, failed, skipped } = result;
  const counts =
    passed + failed + skipped.length > 1
      ? `  ${passed} passed${failed ? `, ${failed} failed` : ''}${skipped.length ? `, ${skipped.length} skipped` : ''}`
      : '';
  const mark = result.ok ? 'ok    ' : 'FAILED';
  console.log(
    `${mark} ${result.name.padEnd(18)} ${result.seconds.toFixed(1).padStart(6)} s${counts}`,
  );
}

/** Prints the output of what failed and the last line; returns the exit code. */
export function finish(results, { withOutput }) {
  if (withOutput) {
    for (const { name, output } of results.filter(({ ok }) => !ok))
      console.log(`\n--- ${name}\n${output.trim()}`);
  }
  const sum = (of) => results.reduce((total, result) => total + of(result), 0);
  const failed = sum((result) => result.failed);
  const skipped = results.flatMap((result) => result.skipped);
  if (skipped.length > 0)
    console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
  // Named again at the end, where whoever reads a long log looks.
  const failures = results.flatMap((result) => result.failures ?? []);
  if (failures.length > 0) {
    const short = failures.map((text) => text.split('\n').slice(0, 6).join('\n    '));
    console.log(`\nFailed:\n${short.map((text) => `  ${text}`).join('\n')}`);
  }
  console.log(
    `\n${sum((result) => result.passed)} passed, ${failed} failed, ${skipped.length} skipped`,
  );
  return failed === 0 ? 0 : 1;
}
