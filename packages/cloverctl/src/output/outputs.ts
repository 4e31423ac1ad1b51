/** What every command that answers with rows can write. */
export const OUTPUTS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
/** Forms that only some commands have; those name them in their flag. */
const FURTHER = ['jsonl', 'junit', 'sarif'] as const;
export type Output = (typeof OUTPUTS)[number] | (typeof FURTHER)[number];

/** The output of that name; undefined when there is none, or when it is not every command's and no flag asked for it. */
export function outputNamed(name: string, fromFlag: boolean): Output | undefined {
  const known: readonly Output[] = fromFlag ? [...OUTPUTS, ...FURTHER] : OUTPUTS;
  return known.find((one) => one === name);
}
