// Where the real programs are that the tests run against: an environment variable names one, then
// the PATH is searched for its usual names, then well-known places.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

interface PartDefinition {
  readonly variable: string;
  readonly names: readonly string[];
  readonly wellKnown: readonly string[];
  /** What a person does to get it. */
  readonly get: string;
}

const PARTS = {
  jaeger: {
    variable: 'JAEGER',
    names: ['jaeger', 'jaeger-all-in-one'],
    wellKnown: ['/opt/jaeger/jaeger'],
    get: 'download Jaeger 2 from jaegertracing.io and set JAEGER=/path/to/jaeger',
  },
  prometheus: {
    variable: 'PROMETHEUS',
    names: ['prometheus'],
    wellKnown: ['/usr/bin/prometheus', '/opt/prometheus/prometheus'],
    get: 'apt-get install prometheus, or set PROMETHEUS=/path/to/prometheus',
  },
  chromium: {
    variable: 'CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    wellKnown: [
      '/usr/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    get: 'apt-get install chromium, or set CHROMIUM=/path/to/chromium',
  },
  envoy: {
    variable: 'ENVOY',
    names: ['envoy'],
    wellKnown: ['/usr/local/bin/envoy'],
    get: 'install Envoy (envoyproxy.io) and set ENVOY=/path/to/envoy',
  },
} as const satisfies Record<string, PartDefinition>;

export type PartName = keyof typeof PARTS;

export interface FoundPart {
  readonly name: PartName;
  /** The program's absolute path; undefined when it is not on this machine. */
  readonly path: string | undefined;
  /** Why it is missing and what would get it; empty when it was found. */
  readonly missing: string;
}

/**
 * Looks for a part. A variable that names a file which cannot be run is an error, not a missing
 * part; so is any missing part when `CLOVER_TEST_PARTS=required` (for CI).
 */
export function findPart(name: PartName, env: NodeJS.ProcessEnv = process.env): FoundPart {
  const part: PartDefinition = PARTS[name];
  const named = env[part.variable];
  if (named !== undefined && named !== '') {
    const path = isAbsolute(named) ? named : searchPath(named, env);
    if (path !== undefined && isExecutable(path)) return { name, path, missing: '' };
    throw new Error(`${part.variable}=${named} is not a program that can be run`);
  }
  const path =
    part.names.map((program) => searchPath(program, env)).find((found) => found !== undefined) ??
    part.wellKnown.find(isExecutable);
  if (path !== undefined) return { name, path, missing: '' };
  const missing = `no ${name} here: ${part.get}`;
  if (env.CLOVER_TEST_PARTS === 'required') throw new Error(missing);
  return { name, path: undefined, missing };
}

/** The path of a part that the caller knows to be there. Throws with what would get it otherwise. */
export function requirePart(name: PartName): string {
  const part = findPart(name);
  if (part.path === undefined) throw new Error(part.missing);
  return part.path;
}

/**
 * A suite's title that says why it is skipped:
 * `describe.skipIf(!hasParts('jaeger'))(titleWith('pulls from Jaeger', 'jaeger'), …)`.
 */
export function titleWith(title: string, ...names: readonly PartName[]): string {
  const missing = names.map((name) => findPart(name).missing).filter((text) => text !== '');
  return missing.length === 0 ? title : `${title} (skipped: ${missing.join('; ')})`;
}

/** Whether all of these parts are on this machine. */
export function hasParts(...names: readonly PartName[]): boolean {
  return names.every((name) => findPart(name).path !== undefined);
}

function searchPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
