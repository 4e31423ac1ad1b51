// What holds for the mesh as a whole, beside its resources.

import type { ExtensionProvider } from '@clover/proxy';
import type { MeshOptions } from '@clover/traffic';

export interface MeshSettings {
  readonly options: MeshOptions;
  /** Whom policies may name; undefined where nothing enforces them here, and any name may stand there. */
  readonly extensionProviders: readonly ExtensionProvider[] | undefined;
}

export const NO_SETTINGS: MeshSettings = { options: {}, extensionProviders: undefined };
