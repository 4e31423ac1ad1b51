// What `credentialName` means: a Secret of the configuration in force, else files of a folder.

import type { SecretCredentials } from '@clover/traffic';
import { credentialIn, openCredential, type Credential, type CredentialPem } from './credential.ts';

export interface Credentials {
  /**
   * Reading it gives what is there by then, or what was there last.
   * @param namespace the gateway's, where Secrets are looked for
   * @param needs of files, those that are not needed may be missing
   */
  open(name: string, namespace: string, needs?: 'all' | 'authority'): Credential;
}

export function createCredentials(options: {
  /** See `credentialIn`. */
  readonly folder?: string | undefined;
  readonly secrets?: () => SecretCredentials;
}): Credentials {
  const { folder, secrets } = options;
  return {
    open(name, namespace, needs = 'all') {
      let files: Credential | undefined;
      let last: CredentialPem | undefined;
      const readFiles = (): CredentialPem => {
        if (files === undefined) {
          const paths = credentialIn(folder, name);
          files = openCredential(needs === 'all' ? paths : { authority: paths.authority });
        }
        return files.read();
      };
      return {
        read() {
          const secret = secrets?.().get(`${namespace}/${name}`);
          if (secret) return (last = secret);
          try {
            return (last = readFiles());
          } catch (error) {
            if (last) return last;
            throw error;
          }
        },
      };
    },
  };
}
