import { usageError } from './errors.ts';

/** The value of a flag with choices, undefined when it was not given. Throws CloverError `cloverctl.usage`. */
export function oneOf<Choice extends string>(
  choices: readonly Choice[],
  flag: string,
  value: string | undefined,
): Choice | undefined {
  if (value === undefined) return undefined;
  const known = choices.find((choice) => choice === value);
  if (known !== undefined) return known;
  throw usageError(`--${flag} takes ${choices.join(', ')}, not "${value}"`);
}
