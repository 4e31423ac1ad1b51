// The mesh's settings from flags and from a file in the form of Istio's MeshConfig.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CloverError } from '@clover/model';
import type { TelemetryOptions } from '@clover/proxy';
import type { OutboundTrafficPolicy } from '@clover/traffic';
import type { Config } from '../config/load.ts';
import {
  parseMeshConfig,
  type MeshAccessLog,
  type MeshConfig,
} from '../mesh/settings/mesh-config.ts';
import type { MeshSettings } from '../mesh/settings/mesh-settings.ts';

type AccessLog = NonNullable<TelemetryOptions['accessLog']>;

export interface LoadedMeshSettings {
  readonly settings: MeshSettings;
  readonly accessLog: AccessLog | undefined;
  /** What of the file is not enforced. */
  readonly notEnforced: readonly string[];
}

const NOTHING: MeshConfig = {
  options: {},
  extensionProviders: [],
  accessLog: undefined,
  notEnforced: [],
};

/**
 * `firewall`: a further MeshConfig, whose authorizers are there too unless the file names them otherwise.
 * Throws CloverError `config.no_file`, `config.bad_mesh_config`.
 */
export async function loadMeshSettings(
  config: Config,
  firewall?: { readonly name: string; readonly text: string },
): Promise<LoadedMeshSettings> {
  const file = config.text('meshConfig');
  const mesh = file === undefined ? NOTHING : parseMeshConfig(await read(file), file);
  const credentials = config.text('meshCredentials');
  const named = new Set(mesh.extensionProviders.map(({ name }) => name));
  const further = firewall
    ? parseMeshConfig(firewall.text, firewall.name).extensionProviders.filter(
        ({ name }) => !named.has(name),
      )
    : [];
  const policy = config.text('meshOutbound') as OutboundTrafficPolicy | undefined;
  return {
    settings: {
      options: { ...mesh.options, ...(policy && { outboundTrafficPolicy: policy }) },
      // Without a data plane others may enforce them.
      extensionProviders: config.flag('mesh')
        ? [...mesh.extensionProviders, ...further]
        : undefined,
      // What its files hold is looked at by the data plane.
      ...(credentials !== undefined && {
        hasCredential: (name) => existsSync(join(resolve(credentials), name)),
      }),
    },
    accessLog: accessLogOf(config, mesh.accessLog),
    notEnforced: mesh.notEnforced,
  };
}

function accessLogOf(config: Config, given: MeshAccessLog | undefined): AccessLog | undefined {
  const path = config.text('meshAccessLog') ?? given?.file;
  if (path === undefined) return undefined;
  const isOutput = path === '-' || path === '/dev/stdout';
  const maxFileBytes = config.number('meshAccessLogSize');
  return {
    to: isOutput ? 'stdout' : { path: resolve(path), maxFileBytes },
    format: formatOf(config.text('meshAccessLogFormat'), given),
  };
}

function formatOf(
  flag: string | undefined,
  given: MeshAccessLog | undefined,
): AccessLog['format'] & {} {
  const isJson = (flag ?? given?.encoding.toLowerCase()) === 'json';
  if (flag !== undefined || given?.format === undefined) return isJson ? 'istio-json' : 'istio';
  if (!isJson) return { text: given.format };
  try {
    return { json: JSON.parse(given.format) as Record<string, string> };
  } catch (error) {
    throw new CloverError(
      'config.bad_mesh_config',
      `accessLogFormat is no JSON: ${(error as Error).message}`,
      { status: 400, hint: 'with accessLogEncoding: JSON it is an object of names and formats' },
    );
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CloverError(
      'config.no_file',
      `--mesh-config ${file} cannot be read: ${(error as Error).message}`,
      {
        status: 400,
        cause: error,
      },
    );
  }
}
