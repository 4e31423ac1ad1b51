import type { RouteTestRun, RuleRef } from '@clover/traffic';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { outputFlagOf } from '../../flags.ts';
import { junitXml } from '../../output/junit.ts';
import { showObject } from '../../output/show.ts';
import { listed } from './decision-words.ts';
import { filesOf, loadResources } from './load-resources.ts';

export const testRoutes: Command = {
  path: 'test routes',
  summary: 'Unit tests of routing',
  text: "Decides the requests of a test file by Istio resources from files, as Envoy configured by Istio would, and compares. The test file has the form of istio-config-validator's (testCases with description, wantMatch, request, route, redirect, rewrite, fault), whose files run as they are; from, port, directResponse and expect are further fields. Says which rules no test has met. Exits with 3 when a test fails.",
  examples: [
    {
      says: 'the tests of a folder of resources',
      line: 'test routes -f mesh/ --tests routes.yaml',
    },
    {
      says: 'and insist that every rule is met',
      line: 'test routes -f mesh/ --tests routes.yaml --all-rules',
    },
  ],
  flags: [
    {
      name: 'file',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'file or folder of Istio resources; may be repeated',
      completes: 'file',
    },
    {
      name: 'tests',
      value: 'FILE',
      many: true,
      says: 'file of route tests; may be repeated',
      completes: 'file',
    },
    { name: 'all-rules', says: 'a rule that no test meets is a failure' },
    outputFlagOf('table', 'wide', 'json', 'yaml', 'junit'),
  ],
  async run(context) {
    const traffic = await import('@clover/traffic');
    const { read } = await loadResources(context, filesOf(context));
    const names = context.list('tests');
    if (names.length === 0)
      throw usageError('name the test file with --tests', 'for example: --tests routes.yaml');
    const tests = [];
    for (const name of names) {
      const text = await context.io.readText(name);
      if (text === undefined) throw usageError(`there is no file ${name}`, 'check the path');
      tests.push(...traffic.readRouteTests({ name, text }));
    }
    const run = traffic.runRouteTests(traffic.compile(read.resources), read.resources, tests);
    await report(run, context);
    const unmet = run.coverage.filter((one) => one.hits === 0).length;
    return run.results.every((one) => one.passed) && !(context.on('all-rules') && unmet > 0)
      ? 0
      : 3;
  },
};

async function report(run: RouteTestRun, context: Context): Promise<void> {
  const { results, coverage } = run;
  const unmet = coverage.filter((one) => one.hits === 0);
  if (context.output === 'json' || context.output === 'yaml') await showObject(context, run);
  else if (context.output === 'junit') context.io.stdout.write(junit(run, context.on('all-rules')));
  else {
    const { style, io } = context;
    for (const { test, passed, failures } of results) {
      io.stdout.write(
        `${passed ? style.green('pass') : style.red('FAIL')}  ${test.description}${passed ? '' : style.dim(`  ${test.at.file}:${test.at.line}`)}\n`,
      );
      for (const failure of failures) io.stdout.write(`      ${failure}\n`);
    }
    for (const { ref } of unmet) {
      const { place, name } = wordsOf(ref);
      io.stdout.write(`${style.yellow('unmet')} ${place}${name && ` ${style.dim(name)}`}\n`);
    }
  }
  const failed = results.filter((one) => !one.passed).length;
  context.note(
    `${results.length - failed} of ${results.length} tests pass, ${coverage.length - unmet.length} of ${coverage.length} rules met`,
  );
}

function wordsOf(ref: RuleRef): {
  place: string;
  name: string;
} {
  const { virtualService, ruleName, matchIndex, source } = ref;
  const block = matchIndex === -1 ? '' : `.${source ? 'matches' : 'match'}[${matchIndex}]`;
  return { place: `${virtualService} ${listed(ref)}${block}`, name: ruleName };
}

/** The tests, and with --all-rules a case for each rule. */
function junit({ results, coverage }: RouteTestRun, allRules: boolean): string {
  return junitXml('test routes', [
    ...results.map(({ test, failures }) => ({
      className: test.at.file,
      name: test.description,
      file: test.at.file,
      line: test.at.line,
      ...(failures.length > 0 ? { failure: failures.join('\n') } : {}),
    })),
    ...(allRules ? coverage : []).map(({ ref, hits }) => {
      const { place, name } = wordsOf(ref);
      return {
        className: 'rules met',
        name: name === '' ? place : `${place} ${name}`,
        ...(hits === 0 ? { failure: 'no test meets this rule' } : {}),
      };
    }),
  ]);
}
