// Files and folders of Istio resources as the traffic package wants them.

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

const YAML = /\.ya?ml$/;

/** Every YAML file that `-f` names. Throws `cloverctl.usage` when there is none. */
export async function readSourceFiles(context: Context): Promise<{ name: string; text: string }[]> {
  const given = context.list('file');
  if (given.length === 0)
    throw usageError('name the files or folders with -f', 'for example: -f mesh/');
  return readYamlFiles(context, given);
}

/** Files, folders with what lies in them, in the order of their names; `-` is stdin. Throws `cloverctl.usage` when there is none. */
export async function readYamlFiles(
  context: Context,
  given: readonly string[],
): Promise<{ name: string; text: string }[]> {
  const names = (await Promise.all(given.map((one) => yamlFiles(context.io.cwd, one)))).flat();
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await context.io.readText(name === '-' ? name : resolve(context.io.cwd, name));
      if (text === undefined) throw usageError(`there is no file ${name}`, 'check the path');
      return { name, text };
    }),
  );
  if (files.length === 0)
    throw usageError(`there is no YAML in ${given.join(', ')}`, 'files end in .yaml or .yml');
  return files;
}

async function yamlFiles(cwd: string, name: string): Promise<string[]> {
  if (name === '-') return [name];
  const found = await stat(resolve(cwd, name)).catch(() => undefined);
  if (!found?.isDirectory()) return [name];
  const entries = await readdir(resolve(cwd, name), { recursive: true });
  return entries
    .filter((one) => YAML.test(one))
    .toSorted()
    .map((one) => join(name, one));
}
