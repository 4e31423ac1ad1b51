// What the rules of validity say, and how: a place, a code, a message and a remedy.

import type { Severity } from '../finding.ts';
import type { FieldPath } from '../read/check-fields.ts';

export interface Fault {
  readonly code: string;
  readonly severity: Severity;
  readonly path: FieldPath;
  readonly message: string;
  readonly hint: string;
}

/** Codes of faults that are no fault of one field's form (`check-fields.ts` has those: CLV110 to 117). */
export const CODES = {
  missing: 'CLV113',
  exclusive: 'CLV114',
  range: 'CLV115',
  value: 'CLV116',
  duration: 'CLV117',
  /** A host, label, port or header that is no name. */
  name: 'CLV120',
  /** A match with an empty text. */
  empty: 'CLV121',
  /** A header's value that is no format string. */
  format: 'CLV122',
  /** What stands twice or overlaps. */
  twice: 'CLV123',
  /** What cannot stand here, because of what else stands there. */
  place: 'CLV124',
  /** What Istio's schemas know and Istio refuses. */
  unsupported: 'CLV125',
  size: 'CLV126',
  noAction: 'CLV310',
  actions: 'CLV311',
  besideAnswer: 'CLV312',
  noWeight: 'CLV313',
  regex: 'CLV318',
  saysNothing: 'CLV320',
  meshWildcard: 'CLV321',
  subsetTwice: 'CLV211',
  noServers: 'CLV230',
  portNameTwice: 'CLV231',
  noCertificate: 'CLV233',
  keyMisfit: 'CLV237',
  portsWithoutSelector: 'CLV410',
} as const;

/** One fault of a value, without its place. */
export interface Said {
  readonly code: keyof typeof CODES;
  readonly message: string;
  readonly hint?: string;
  readonly severity?: Severity;
}

/** Says a fault at a place; nothing when there is none. */
export type Say = (path: FieldPath, said: Said | undefined) => void;

export function collectFaults(check: (say: Say) => void): Fault[] {
  const faults: Fault[] = [];
  check((path, said) => {
    if (!said) return;
    const { code, message, hint = '', severity = 'error' } = said;
    faults.push({ code: CODES[code], severity, path, message, hint });
  });
  return faults;
}
