// Istio's MeshConfig, as far as the built-in data plane enforces it. What it does not is told by its
// place: an operator must not believe in a setting that nothing heeds.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/

import { CloverError } from '@clover/model';
import type { ExtensionProvider } from '@clover/proxy';
import type { MeshOptions } from '@clover/traffic';
import { parseDocument, LineCounter } from 'yaml';
import { readAuthorizer } from './read-authorizer.ts';
import { readRetries } from './read-retries.ts';
import { createReader, type Reader } from './reader.ts';

export interface MeshAccessLog {
  readonly file: string;
  /** Undefined: Istio's own. */
  readonly format: string | undefined;
  readonly encoding: 'TEXT' | 'JSON';
}

export interface MeshConfig {
  readonly options: MeshOptions;
  readonly extensionProviders: readonly ExtensionProvider[];
  /** Undefined where `accessLogFile` is empty. */
  readonly accessLog: MeshAccessLog | undefined;
  /** `mesh.yaml:3:1: enableAutoMtls is not enforced by the built-in data plane` */
  readonly notEnforced: readonly string[];
}

const POLICIES = ['ALLOW_ANY', 'REGISTRY_ONLY', 'ALLOW_ANY_DYNAMIC_DNS'] as const;
const KNOWN = [
  'extensionProviders',
  'outboundTrafficPolicy',
  'rootNamespace',
  'accessLogFile',
  'accessLogFormat',
  'accessLogEncoding',
  'trustDomain',
  'defaultHttpRetryPolicy',
];
/** What the data plane is like anyway. */
const TRUST_DOMAIN = 'cluster.local';

/**
 * Reads MeshConfig, alone or in an IstioOperator's `spec.meshConfig`.
 * Throws CloverError `config.bad_mesh_config` with the place of each fault.
 */
export function parseMeshConfig(text: string, file: string): MeshConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { at: `${file}:${line}:${col}`, message: error.message };
  });
  if (faults.length > 0) throw badMeshConfig(faults);
  const reader = createReader(document, { lines, file });
  const root = reader.root();
  const inside =
    root.get('kind')?.text() === 'IstioOperator' ? root.get('spec')?.get('meshConfig') : root;
  const config = inside ? readConfig(inside) : EMPTY;
  if (reader.faults.length > 0) throw badMeshConfig(reader.faults);
  return { ...config, notEnforced: reader.notEnforced };
}

const EMPTY = { options: {}, extensionProviders: [], accessLog: undefined };

function readConfig(config: Reader): Omit<MeshConfig, 'notEnforced'> {
  const mode = config.get('outboundTrafficPolicy')?.get('mode')?.choice(POLICIES);
  // What nobody declared is looked up by its name anyway.
  const policy = mode === 'ALLOW_ANY_DYNAMIC_DNS' ? 'ALLOW_ANY' : mode;
  const rootNamespace = config.get('rootNamespace')?.text();
  const encoding = config.get('accessLogEncoding')?.choice(['TEXT', 'JSON']) ?? 'TEXT';
  const logFile = config.get('accessLogFile')?.text() ?? '';
  const format = config.get('accessLogFormat')?.text() ?? '';
  const retries = config.get('defaultHttpRetryPolicy');
  const domain = config.get('trustDomain');
  if (domain && domain.text() !== TRUST_DOMAIN)
    domain.ignore(`another trust domain than ${TRUST_DOMAIN}`);
  config.get('outboundTrafficPolicy')?.others(['mode']);
  config.others(KNOWN);
  return {
    options: {
      ...(policy && { outboundTrafficPolicy: policy }),
      ...(rootNamespace && { rootNamespace }),
      ...(retries && { defaultHttpRetryPolicy: readRetries(retries) }),
    },
    extensionProviders: (config.get('extensionProviders')?.items() ?? []).flatMap(readAuthorizer),
    accessLog:
      logFile === ''
        ? undefined
        : { file: logFile, format: format === '' ? undefined : format, encoding },
  };
}

function badMeshConfig(issues: readonly { at: string; message: string }[]): CloverError {
  return new CloverError('config.bad_mesh_config', `${issues[0]!.at}: ${issues[0]!.message}`, {
    status: 400,
    hint: 'its form is that of MeshConfig: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/',
    issues: [...issues],
  });
}
