import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The path of a file or folder under the folder that `CLOVER_TEST_DATA` names, or undefined when
 * there is no such folder or file: `it.skipIf(testData('jaeger/x.json.gz') === undefined)(…)`.
 */
export function testData(
  relative: string,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const root = env.CLOVER_TEST_DATA;
  if (root === undefined || root === '') return undefined;
  const path = join(root, relative);
  return existsSync(path) ? path : undefined;
}
