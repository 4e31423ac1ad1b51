// What `credentialName` means: a Secret of the configuration in force, else files of a folder.

import { findSecret, type SecretCredentials } from '@clover/traffic';
import { credentialIn, openCredential, type Credential, type CredentialPem } from './credential.ts';

export interface Credentials {
  /**
   * Reading it gives what is there by then.
   * @param namespace the gateway's or client's, where Secrets are looked for
   * @param needs what is not needed may be missing
   */
  open(name: string, namespace: string, needs?: 'all' | 'authority'): Credential;
}

export interface CredentialsOptions {
  /** See `credentialIn`. */
  readonly folder?: string | undefined;
  /** Of the configuration in force. */
  readonly secrets?: () => SecretCredentials;
  /** Of configurations before it; they count where nothing else is found. */
  readonly gone?: () => SecretCredentials;
}

export function createCredentials({ folder, secrets, gone }: CredentialsOptions): Credentials {
  return {
    open(name, namespace, needs = 'all') {
      const path = `${namespace}/${name}`;
      let files: Credential | undefined;
      const readFiles = (): CredentialPem => {
        if (files === undefined) {
          const paths = credentialIn(folder, name);
          files = openCredential(needs === 'all' ? paths : { authority: paths.authority });
        }
        return files.read();
      };
      return {
        read() {
          const secret = secrets && findSecret(secrets(), path, needs);
          if (secret) return secret;
          try {
            return readFiles();
          } catch (error) {
            const last = gone && findSecret(gone(), path, needs);
            if (last) return last;
            throw error;
          }
        },
      };
    },
  };
}
