// What a mesh is told of the firewall: the files of examples/waf in a clone, a copy of them in the package.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WafFile {
  readonly name: string;
  readonly text: string;
}

export interface WafFiles {
  /** In the form of Istio's MeshConfig: what the firewall is. */
  readonly meshConfig: WafFile;
  /** Its service, and the policy by which the ingress gateway asks it. */
  readonly resources: WafFile;
}

const FOLDERS = ['../../waf', '../../../../examples/waf'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Rejects when neither folder has them. */
export async function wafFiles(): Promise<WafFiles> {
  const read = async (name: string): Promise<WafFile> => {
    const [first, last] = FOLDERS.map((folder) => readFile(join(folder, name), 'utf8'));
    return { name, text: await first!.catch(() => last!) };
  };
  const [meshConfig, resources] = await Promise.all([
    read('mesh-config.yaml'),
    read('mesh/firewall.yaml'),
  ]);
  return { meshConfig, resources };
}
