import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { CloverError } from '@clover/model';

export interface ProgramDefinition {
  readonly flag: string;
  readonly name: string;
  /** Environment variable that names the file. */
  readonly variable: string;
  readonly commands: readonly string[];
  /** What a person does to get it. */
  readonly get: string;
}

/** The program's file: the one that the variable names, else the first on the PATH. Throws CloverError `config.no_program`. */
export function findProgram(
  definition: ProgramDefinition,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { variable, flag, name, commands, get } = definition;
  const named = env[variable];
  const candidates = named ? [named] : commands;
  for (const candidate of candidates) {
    const path = isAbsolute(candidate) ? candidate : onPath(candidate, env['PATH'] ?? '');
    if (path !== undefined && isExecutable(path)) return path;
  }
  throw new CloverError(
    'config.no_program',
    named
      ? `${variable}=${named} is not a program that can be run`
      : `${flag}: there is no ${name} on this machine`,
    { hint: get, status: 400 },
  );
}

const onPath = (command: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
