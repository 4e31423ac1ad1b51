// With `--with-waf`: a web application firewall as a workload of the mesh, and the policy by which the ingress
// gateway asks it. A start without the flag takes the policy away, which would let nothing pass.

import { CloverError } from '@clover/model';
import type { WafFiles } from '@clover/services';
import type { Logger } from 'pino';
import type { Config } from '../config/load.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { entryKey } from '../mesh/repository/entry.ts';
import type { Repository } from '../mesh/repository/repository.ts';
import { splitDocuments } from '../mesh/repository/split-documents.ts';
import { createOwnWorkloads } from './own-workloads.ts';

/** Of its resources and its workload. */
export const FIREWALL_AUTHOR = 'with-waf';
const NAMESPACE = 'default';
const SERVICE = 'modsecurity-crs';
const WORKLOAD = { namespace: NAMESPACE, name: `${SERVICE}-0` };
const LEASE_MS = 3_600_000;

export interface Firewall {
  /** Where it judges. */
  readonly url: string;
  close(): Promise<void>;
}

/** Looks for its parts before anything starts; undefined without the flag. Throws CloverError `config.no_mesh`, `config.no_program`. */
export async function planFirewall(
  config: Config,
  env: NodeJS.ProcessEnv,
): Promise<WafFiles | undefined> {
  if (!config.flag('withWaf')) return undefined;
  if (!config.flag('mesh'))
    throw new CloverError('config.no_mesh', '--with-waf is for the mesh, which is off', {
      hint: 'leave --no-mesh out, or add --mesh',
      status: 400,
    });
  const { findApache, wafFiles } = await import('@clover/services');
  const found = findApache(env);
  if ('parts' in found) return wafFiles();
  const at = found.missing.indexOf(': ');
  throw new CloverError('config.no_program', `--with-waf: ${found.missing.slice(0, at)}`, {
    hint: found.missing.slice(at + 2),
    status: 400,
  });
}

/** Resolves when the gateway asks it. Rejects with `services.no_waf` when it does not start. */
export async function startFirewall(
  files: WafFiles,
  mesh: Mesh,
  logger: Logger,
): Promise<Firewall> {
  const { startWafProcess } = await import('@clover/services');
  const own = createOwnWorkloads(mesh.registry, { author: FIREWALL_AUTHOR, logger });
  const waf = await startWafProcess({
    onExit(detail) {
      logger.error({ detail }, 'the firewall ended: the gateway lets nothing pass');
      own
        .leave([WORKLOAD])
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'the firewall is still in the mesh'),
        );
    },
  });
  try {
    await own.join([
      {
        ...WORKLOAD,
        service: SERVICE,
        labels: {},
        serviceAccount: 'default',
        address: '127.0.0.1',
        ports: [{ port: 80, targetPort: waf.port, protocol: 'HTTP' }],
        ready: true,
        leaseMs: LEASE_MS,
      },
    ]);
    await applyMissing(mesh.repository, files);
  } catch (error) {
    await waf.close();
    throw error;
  }
  return { url: `http://127.0.0.1:${waf.port}`, close: waf.close };
}

/** Whoever has put others of the same names into force keeps them. */
async function applyMissing(repository: Repository, { resources }: WafFiles): Promise<void> {
  const missing = splitDocuments([resources], NAMESPACE).filter(
    (one) => !repository.entries.has(entryKey(one)),
  );
  if (missing.length === 0) return;
  await repository.apply(
    missing.map(({ kind, name, text }) => ({ name: `waf/${kind}/${name}`, text })),
    { author: FIREWALL_AUTHOR, reason: 'Clover was started with --with-waf' },
  );
}

/** For a start without the flag: what an earlier one with it left goes; what somebody has changed since is theirs. */
export async function removeFirewall({ repository }: Mesh, logger: Logger): Promise<void> {
  const left = [...repository.entries.values()].filter(({ author }) => author === FIREWALL_AUTHOR);
  if (left.length === 0) return;
  await repository
    .remove(left, { author: FIREWALL_AUTHOR, reason: 'Clover was started without --with-waf' })
    .catch((error: unknown) =>
      logger.warn(
        { err: error },
        'the firewall’s policy is still there: nothing passes the gateway',
      ),
    );
}
