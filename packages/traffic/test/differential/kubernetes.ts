// As much of the Kubernetes API as putting resources in force needs.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import type { Resource } from '../../src/index.ts';
import type { Plain } from './generate-table.ts';

export interface Kubernetes {
  create(resource: Plain): Promise<Resource>;
  delete(resource: Plain): Promise<void>;
  /** All of a kind in a namespace that bear the label `name=value`; nothing when the kind is not served. */
  deleteLabelled(
    kind: Pick<Plain, 'apiVersion' | 'kind'>,
    namespace: string,
    label: string,
  ): Promise<void>;
  /** Whether the API server serves a group. */
  serves(group: string): Promise<boolean>;
  close(): void;
}

const PLURALS: Readonly<Record<string, string>> = {
  ServiceEntry: 'serviceentries',
  Gateway: 'gateways',
  Namespace: 'namespaces',
};

/** @param kubeconfig a file with a server and a user's token */
export function openKubernetes(kubeconfig: string): Kubernetes {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string } }[];
    users: { user: { token: string } }[];
  };
  const server = config.clusters[0]!.cluster.server;
  const token = config.users[0]!.user.token;
  // A test's cluster signs its own certificate.
  const agent = new Agent({ keepAlive: true, maxSockets: 12, rejectUnauthorized: false });
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        {
          agent,
          method,
          timeout: 20_000,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text));
            else
              reject(
                new Error(
                  `${method} ${path}: ${response.statusCode} ${text} ${JSON.stringify(body)}`,
                ),
              );
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const pathOf = ({ apiVersion, kind, metadata }: Plain) => {
    const plural = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return metadata.namespace === ''
      ? `${root}/${plural}`
      : `${root}/namespaces/${metadata.namespace}/${plural}`;
  };
  return {
    create: async (resource) => (await call('POST', pathOf(resource), resource)) as Resource,
    async delete(resource) {
      await call('DELETE', `${pathOf(resource)}/${resource.metadata.name}`);
    },
    async deleteLabelled(kind, namespace, label) {
      const path = pathOf({ ...kind, metadata: { name: '', namespace }, spec: {} });
      await call('DELETE', `${path}?labelSelector=${encodeURIComponent(label)}`).catch(
        (error: Error) => {
          if (!error.message.includes(': 404')) throw error;
        },
      );
    },
    serves: (group) =>
      call('GET', `/apis/${group}`).then(
        () => true,
        () => false,
      ),
    close: () => agent.destroy(),
  };
}
