import { z } from 'zod';
import { parseYaml, type YamlSource } from '../yaml/read-yaml.ts';
import { SETTING_NAMES } from './settings.ts';

const Keys = z.strictObject({
  server: z.string().optional(),
  token: z.string().optional(),
  output: z.enum(['table', 'wide', 'json', 'yaml', 'name']).optional(),
  since: z.string().optional(),
});

/**
 * cloverctl's settings in a file: all of it, or the map under `section`, where other keys are another
 * program's. Each with its place. Throws CloverError `cloverctl.bad_file`.
 */
export function readSettingsFile(
  text: string,
  file: string,
  section?: string,
): ReadonlyMap<string, { value: string; at: string }> {
  const source: YamlSource = { text, file };
  const { value, at } = parseYaml(
    section === undefined ? Keys : z.looseObject({ [section]: Keys.nullish() }),
    source,
  );
  const map = (section === undefined ? value : (value as Record<string, unknown>)[section]) as
    | Record<string, string | undefined>
    | null
    | undefined;
  const path = section === undefined ? [] : [section];
  return new Map(
    SETTING_NAMES.flatMap((name) => {
      const found = map?.[name];
      return found === undefined
        ? []
        : [[name, { value: found, at: at([...path, name]) }] as const];
    }),
  );
}
