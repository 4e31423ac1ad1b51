// How resources are named on the command line: `vs lb`, `vs/lb`, many at once.
import { resourceKindOf, RESOURCE_KINDS } from '@clover/model/resource-kinds';
import { nearest } from '@clover/model/nearest';
import type { Argument, Flag } from '../../command.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

export interface NamedResource {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const namespaceFlag: Flag = {
  name: 'namespace',
  short: 'n',
  value: 'NAME',
  says: 'namespace (default "default")',
};

export const filesFlag: Flag = {
  name: 'file',
  short: 'f',
  value: 'FILE',
  many: true,
  says: 'file or folder of YAML, - for stdin; may be repeated',
  completes: 'file',
};

export const namesArgument: Argument = {
  name: 'NAMES',
  optional: true,
  many: true,
  says: 'KIND NAME…, or KIND/NAME…: vs lb, vs/lb dr/lb',
};

/** The resources that the arguments name. Throws `cloverctl.usage` for a kind that there is not. */
export function namedResources(context: Context): NamedResource[] {
  const namespace = context.text('namespace') ?? 'default';
  const [first, ...rest] = context.args;
  if (first === undefined) return [];
  if (context.args.every((one) => one.includes('/')))
    return context.args.map((one) => {
      const [kind = '', name = ''] = one.split('/', 2);
      return { kind: kindOf(kind), namespace, name };
    });
  const kind = kindOf(first);
  if (rest.length === 0) throw usageError(`name the ${kind}`, `for example: ${first} NAME`);
  return rest.map((name) => ({ kind, namespace, name }));
}

function kindOf(word: string): string {
  const kind = resourceKindOf(word);
  if (RESOURCE_KINDS.some((one) => one.kind === kind)) return kind;
  const words = RESOURCE_KINDS.flatMap(({ plural, short }) => [plural, short]);
  const close = nearest(word, words);
  throw usageError(
    `there is no kind ${word}`,
    close === undefined ? `known: ${words.join(', ')}` : `did you mean ${close}?`,
  );
}

/** `virtualservice/lb`, with its namespace when that is not the default. */
export function resourceLabel({ kind, namespace, name }: NamedResource): string {
  const short = `${kind.toLowerCase()}/${name}`;
  return namespace === 'default' ? short : `${short} (${namespace})`;
}
