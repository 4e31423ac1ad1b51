import type { Finding } from '@clover/traffic';
import type { Command } from '../../command.ts';
import type { Context } from '../../context.ts';
import { outputFlagOf } from '../../flags.ts';
import { junitXml } from '../../output/junit.ts';
import { sarifJson } from '../../output/sarif.ts';
import { readSourceFiles } from './read-files.ts';

export const analyze: Command = {
  path: 'analyze',
  summary: 'What is wrong with Istio resources, before anybody applies them',
  text: 'Reads VirtualServices, DestinationRules, Gateways and ServiceEntries from files, without a controller and without a cluster: fields that do not exist, names that lead nowhere, rules that no request can reach (proved, with a request as witness), and settings that do something else than they seem to. Exits with 3 when there is an error, with --strict also for a warning.',
  examples: [
    { says: 'a folder', line: 'analyze -f mesh/' },
    {
      says: 'what is about to be committed, for a machine',
      line: 'analyze -f mesh/ --strict -o json',
    },
    { says: 'for a code host, beside the lines', line: 'analyze -f mesh/ -o sarif' },
  ],
  flags: [
    {
      name: 'file',
      short: 'f',
      value: 'FILE',
      many: true,
      says: 'file or folder of YAML, - for stdin; may be repeated',
      completes: 'file',
    },
    { name: 'strict', says: 'warnings count as errors' },
    outputFlagOf('table', 'json', 'yaml', 'junit', 'sarif'),
  ],
  async run(context) {
    const files = await readSourceFiles(context);
    const traffic = await import('@clover/traffic');
    const findings = traffic.analyze(traffic.readResources(files));
    const { stdout } = context.io;
    if (context.output === 'json') stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    else if (context.output === 'yaml') stdout.write((await import('yaml')).stringify(findings));
    else if (context.output === 'sarif')
      stdout.write(sarifJson('cloverctl analyze', findings.map(withHint)));
    else if (context.output === 'junit') stdout.write(junit(findings, files, context.on('strict')));
    else for (const finding of findings) stdout.write(lines(finding, context));
    const bad = findings.filter(
      (one) => one.severity === 'error' || (context.on('strict') && one.severity === 'warning'),
    ).length;
    context.note(
      findings.length === 0
        ? `${files.length} ${files.length === 1 ? 'file' : 'files'}, nothing found`
        : summary(findings),
    );
    return bad > 0 ? 3 : 0;
  },
};

const withHint = (one: Finding) => ({
  ...one,
  message: `${one.resource && `${one.resource}: `}${one.message}${one.hint && ` (${one.hint})`}`,
});

/** A case for each finding, failed when it counts, and one for each file without any. */
function junit(
  findings: readonly Finding[],
  files: readonly { readonly name: string }[],
  strict: boolean,
): string {
  const clean = files.filter(({ name }) => !findings.some(({ at }) => at?.file === name));
  return junitXml('analyze', [
    ...findings.map((one) => {
      const { message } = withHint(one);
      const counts = one.severity === 'error' || (strict && one.severity === 'warning');
      return {
        className: one.at?.file ?? one.resource,
        name: `${one.code}${one.at ? ` line ${one.at.line}` : ''}`,
        ...(one.at ? { file: one.at.file, line: one.at.line } : {}),
        ...(counts ? { failure: message } : { output: `${one.severity}: ${message}` }),
      };
    }),
    ...clean.map(({ name }) => ({ className: name, name: 'nothing found', file: name })),
  ]);
}

function lines(
  { code, severity, message, hint, resource, at }: Finding,
  { style }: Context,
): string {
  const colour =
    severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.dim;
  const place = at ? `${at.file}:${at.line}:${at.column}` : resource;
  return `${style.bold(place)} ${colour(severity)} ${code}\n  ${message}${resource && at ? style.dim(`  ${resource}`) : ''}\n${hint ? `  ${style.dim(`→ ${hint}`)}\n` : ''}`;
}

function summary(findings: readonly Finding[]): string {
  return (['error', 'warning', 'info'] as const)
    .map(
      (severity) => [severity, findings.filter((one) => one.severity === severity).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(
      ([severity, count]) => `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`,
    )
    .join(', ');
}
