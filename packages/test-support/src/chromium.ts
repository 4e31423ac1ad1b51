import { requirePart } from './parts.ts';
import { tempDir } from './temp-dir.ts';

/** What playwright-core's `chromium.launchPersistentContext(userDataDir, options)` takes. */
export interface ChromiumLaunch {
  /** A new, empty profile. */
  readonly userDataDir: string;
  readonly options: {
    readonly executablePath: string;
    readonly headless: true;
    readonly args: string[];
  };
  /** Removes the profile; call it after the browser was closed. */
  remove(): Promise<void>;
}

const ARGS = [
  '--headless',
  '--no-sandbox', // tests run as root in containers
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How to start the machine's own Chromium under playwright-core. Throws with what would get one. */
export async function chromiumLaunch(): Promise<ChromiumLaunch> {
  const executablePath = requirePart('chromium');
  const profile = await tempDir('clover-chromium-');
  return {
    userDataDir: profile.path,
    options: { executablePath, headless: true, args: [...ARGS] },
    remove: () => profile.remove(),
  };
}
