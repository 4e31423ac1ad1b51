import type { SecretCredential } from '@clover/traffic';

/** One way in which a credential is used. */
export interface CredentialUse {
  /** Stays the same from one configuration to the next. */
  readonly key: string;
  /** For errors. */
  readonly label: string;
  /** Of the Secret that it would be, where there is but one. */
  readonly name?: string;
  readonly secret: SecretCredential | undefined;
  /** Throws when it is no good. */
  readonly check: () => void;
}
