// What holds for the mesh as a whole, beside its resources.

import type { ExtensionProvider } from '@clover/proxy';
import type { MeshOptions } from '@clover/traffic';

export interface MeshSettings {
  readonly options: MeshOptions;
  /** Whom policies may name; undefined where nothing enforces them here, and any name may stand there. */
  readonly extensionProviders: readonly ExtensionProvider[] | undefined;
  /** Whether gateways have a credential of this name in a folder of their own. */
  readonly hasCredential?: (name: string) => boolean;
}

export const NO_SETTINGS: MeshSettings = { options: {}, extensionProviders: undefined };
