import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createClient } from '@clover/client';
import type { Completes } from '../command.ts';
import type { Settings } from '../config/settings.ts';
import type { Io } from '../io.ts';

/** A shell must not hang because a controller does. */
const DEADLINE_MS = 3000;
const RANGE = { since: '15m' };

/** Names that the controller knows now, or files that begin so; rejects when there is no answer. */
export async function liveValues(
  what: Completes,
  begun: string,
  settings: Settings,
  io: Io,
): Promise<string[]> {
  const client = createClient({
    baseUrl: settings.server.value!,
    token: settings.token.value,
    timeoutMs: DEADLINE_MS,
  });
  const call = { signal: io.signal };
  // Of all questions the fastest one.
  const valuesOf = async (key: string): Promise<string[]> => {
    const answer = await client.attributeValues({ ...RANGE, key, limit: 200 }, call);
    return answer.items.map(({ value }) => value);
  };
  switch (what) {
    case 'service':
    case 'operation':
      return valuesOf(what);
    case 'trace':
      return (await client.traces({ ...RANGE, limit: 20 }, call)).items.map(
        ({ traceId }) => traceId,
      );
    case 'attribute':
      return (await client.attributes(RANGE, call)).items.map(({ key }) => key);
    case 'metric':
      return (await client.metricNames(RANGE, call)).items.map(({ name }) => name);
    case 'filter': {
      const [services, versions, attributes] = await Promise.all([
        valuesOf('service'),
        valuesOf('version'),
        client.attributes(RANGE, call),
      ]);
      return [
        ...services.map((service) => `service=${service}`),
        ...versions.map((version) => `version=${version}`),
        ...attributes.items.map(({ key }) => `${key}=`),
      ];
    }
    case 'file':
      return filesThatBegin(begun, io.cwd);
  }
}

/** Files and folders (with a slash) whose path begins with what is typed. */
async function filesThatBegin(begun: string, cwd: string): Promise<string[]> {
  const folder = begun.slice(0, begun.lastIndexOf('/') + 1);
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true });
  return entries.map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
}
