// With `--with-waf`: a web application firewall as a workload of the mesh, and the policy by which the ingress
// gateway asks it. A start without the flag takes the policy away, which would let nothing pass.

import { CloverError, type WorkloadJoin } from '@clover/model';
import type { WafFiles } from '@clover/services';
import type { Logger } from 'pino';
import type { Config } from '../config/load.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { entryKey } from '../mesh/repository/entry.ts';
import type { Repository } from '../mesh/repository/repository.ts';
import { splitDocuments } from '../mesh/repository/split-documents.ts';
import { keepRunning } from './keep-running.ts';
import { createOwnWorkloads } from './own-workloads.ts';

/** Of its resources and its workload. */
export const FIREWALL_AUTHOR = 'with-waf';
const NAMESPACE = 'default';
const SERVICE = 'modsecurity-crs';
const WORKLOAD = { namespace: NAMESPACE, name: `${SERVICE}-0` };
const LEASE_MS = 3_600_000;

export interface Firewall {
  /** Where it judges; one that was started again has another port. */
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

/**
 * Resolves when the gateway asks it. Rejects with `services.no_waf` when it does not start. When it ends unasked it
 * leaves the mesh, so that nothing passes, and is started again.
 */
export async function startFirewall(
  files: WafFiles,
  mesh: Mesh,
  logger: Logger,
): Promise<Firewall> {
  const { startWafProcess } = await import('@clover/services');
  const own = createOwnWorkloads(mesh.registry, { author: FIREWALL_AUTHOR, logger });
  const leave = () =>
    own
      .leave([WORKLOAD])
      .catch((error: unknown) => logger.warn({ err: error }, 'the firewall is still in the mesh'));
  let port = 0;
  const kept = await keepRunning(
    async (onEnd) => {
      const waf = await startWafProcess({
        onExit(detail) {
          void leave();
          onEnd(detail);
        },
      });
      const close = async () => {
        await leave();
        await waf.close();
      };
      try {
        // An earlier one may still stand there, where it could not leave.
        await own.leave([WORKLOAD]);
        await own.join([workloadAt(waf.port)]);
      } catch (error) {
        await close();
        throw error;
      }
      port = waf.port;
      return { close };
    },
    { what: 'the firewall, without which nothing passes the gateway,', logger },
  );
  try {
    await applyMissing(mesh.repository, files);
  } catch (error) {
    await kept.close();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, close: kept.close };
}

const workloadAt = (targetPort: number): WorkloadJoin => ({
  ...WORKLOAD,
  service: SERVICE,
  labels: {},
  serviceAccount: 'default',
  address: '127.0.0.1',
  ports: [{ port: 80, targetPort, protocol: 'HTTP' }],
  ready: true,
  leaseMs: LEASE_MS,
});

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
