import { CloverError, nearest } from '@clover/model';
import type { OptionDefinition } from './option-definition.ts';
import { flagOf, OPTIONS } from './options.ts';
import { parseValue, type ConfigValue } from './values.ts';

const BY_FLAG = new Map<string, OptionDefinition>();
for (const option of OPTIONS as readonly OptionDefinition[]) {
  for (const name of [flagOf(option.key), option.key, ...(option.aliases ?? [])])
    BY_FLAG.set(name, option);
}

/** Flags as settings; a flag given twice overrides, a list collects. Throws CloverError `config.unknown_flag` with the nearest known one. */
export function parseArguments(
  argv: readonly string[],
): Map<string, { value: ConfigValue; from: string }> {
  const found = new Map<string, { value: ConfigValue; from: string }>();
  for (let i = 0; i < argv.length; i++) {
    const [, name = '', attached] = /^--([^=]+)(?:=(.*))?$/s.exec(argv[i]!) ?? [];
    const negated = name.startsWith('no-') ? BY_FLAG.get(name.slice(3)) : undefined;
    const option = BY_FLAG.get(name) ?? (negated?.type === 'boolean' ? negated : undefined);
    if (!option) throw unknownFlag(argv[i]!);
    const from = `--${name}`;
    if (option.type === 'boolean') {
      const value = attached === undefined ? true : parseValue(option, attached, from) === true;
      found.set(option.key, { value: option === negated ? !value : value, from });
      continue;
    }
    const text = attached ?? argv[++i];
    if (text === undefined || (attached === undefined && text.startsWith('--'))) {
      throw new CloverError('config.missing_value', `${from} wants a value`, {
        status: 400,
        hint: option.description,
      });
    }
    const value = parseValue(option, text, from);
    const before =
      option.type === 'list'
        ? (found.get(option.key)?.value as readonly string[] | undefined)
        : undefined;
    found.set(option.key, {
      value: before ? [...before, ...(value as readonly string[])] : value,
      from,
    });
  }
  return found;
}

function unknownFlag(argument: string): CloverError {
  const near = nearest(argument.replace(/^-+/, '').replace(/=.*$/s, ''), BY_FLAG.keys());
  return new CloverError('config.unknown_flag', `${argument} is not a flag of clover`, {
    status: 400,
    hint: near === undefined ? 'clover --help lists them all' : `did you mean --${near}?`,
  });
}

/** The text of `clover --help`. */
export function helpText(version: string): string {
  const lines = [
    `Clover ${version}: visibility for microservices, from one laptop to a mesh`,
    '',
    'clover [flags]',
    'clover token --name NAME --role viewer|operator|admin',
    '',
  ];
  for (const group of [
    'Addresses',
    'Store',
    'Sources',
    'Traffic',
    'Security',
    'Limits',
    'Process',
  ] as const) {
    lines.push(`${group}:`);
    for (const option of (OPTIONS as readonly OptionDefinition[]).filter(
      (one) => one.group === group,
    )) {
      const name =
        option.aliases?.find((alias) => alias.length < flagOf(option.key).length) ??
        flagOf(option.key);
      const value = {
        boolean: '',
        port: ' PORT',
        duration: ' DURATION',
        bytes: ' SIZE',
        integer: ' N',
        list: ' VALUE…',
        string: ' TEXT',
      }[option.type];
      const standard =
        option.default === undefined ||
        option.default === false ||
        (Array.isArray(option.default) && option.default.length === 0)
          ? ''
          : ` [${String(option.default)}]`;
      lines.push(`  ${`--${name}${value}`.padEnd(32)} ${option.description}${standard}`);
    }
    lines.push('');
  }
  lines.push(
    'Each flag has a variable (--otlp-grpc-port is CLOVER_OTLP_GRPC_PORT) and a key in clover.yaml',
    '(otlpGrpcPort). First wins: flag, variable, clover.yaml, ~/.config/clover/clover.yaml, default.',
    'A boolean flag is switched off by --no-NAME.',
  );
  return lines.join('\n');
}
