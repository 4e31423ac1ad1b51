// Where Apache, ModSecurity and the OWASP core rules are: as Debian installs them, or below another folder
// laid out the same, which APACHE names by its program.

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export interface ApacheParts {
  readonly program: string;
  readonly modules: string;
  /** Folder of the core rules' `*.conf` and the data they read. */
  readonly rules: string;
  readonly ruleSetup: string;
  readonly unicodeMapping: string;
}

/** Undefined with the reason when something is missing. */
export function findApache(
  env: NodeJS.ProcessEnv,
): { readonly parts: ApacheParts } | { readonly missing: string } {
  const named = env['APACHE'];
  const program = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...(env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'apache2')),
    '/usr/sbin/apache2',
  ].find(isExecutable);
  const install =
    'apt-get install apache2 libapache2-mod-security2 modsecurity-crs (Debian’s names), or set APACHE=/path/to/apache2';
  if (program === undefined) return { missing: `there is no Apache: ${install}` };
  const usr = dirname(dirname(program));
  const root = dirname(usr);
  const parts = {
    program,
    modules: join(usr, 'lib/apache2/modules'),
    rules: join(usr, 'share/modsecurity-crs/rules'),
    ruleSetup: join(root, 'etc/modsecurity/crs/crs-setup.conf'),
    unicodeMapping: join(root, 'etc/modsecurity/unicode.mapping'),
  };
  const missing = [
    join(parts.modules, 'mod_security2.so'),
    parts.rules,
    parts.ruleSetup,
    parts.unicodeMapping,
  ].filter((path) => !existsSync(path));
  return missing.length === 0
    ? { parts }
    : { missing: `there is no ${missing.join(', no ')}: ${install}` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
