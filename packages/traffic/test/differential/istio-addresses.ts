// Where a running Istio is found.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { IstioAddresses } from './istio.ts';

/** ISTIO_LOCAL is a folder with a kubeconfig `kc`; undefined when there is none. */
export function istioAddresses(): IstioAddresses | undefined {
  const folder = process.env['ISTIO_LOCAL'];
  const kubeconfig = join(folder ?? '/nonexistent', 'kc');
  if (!existsSync(kubeconfig)) return undefined;
  return {
    kubeconfig,
    gateway: '127.0.0.9',
    sidecar: '127.0.0.1',
    admin: ['127.0.0.1:39902', '127.0.0.1:39903'],
  };
}
