import { CloverError } from '@clover/model/errors';
import type { z } from 'zod';
import { CLOVERCTL_ERRORS } from '../errors.ts';
import type { Io } from '../io.ts';
import { parseYaml } from './read-yaml.ts';

/**
 * A YAML file (`-` is stdin) that fits the schema, and the keys that stand at its top. Throws
 * CloverError `cloverctl.no_file` or `cloverctl.bad_file`.
 */
export async function readYamlFile<Schema extends z.ZodType<object>>(
  schema: Schema,
  file: string,
  io: Pick<Io, 'readText'>,
): Promise<{ value: z.output<Schema>; keys: readonly string[] }> {
  const text = await io.readText(file);
  if (text === undefined)
    throw new CloverError(CLOVERCTL_ERRORS.noFile, `${file}: there is no such file`, {
      status: 400,
    });
  const { value, keys } = parseYaml(schema, { text, file: file === '-' ? '<stdin>' : file });
  return { value, keys };
}
