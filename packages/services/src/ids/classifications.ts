/** Priorities of Snort's classification.config, 1 the gravest; a class that is not here has 3. */
export function classPriority(classtype: string): number {
  if (GRAVE.has(classtype)) return 1;
  if (MEDIUM.has(classtype)) return 2;
  return 3;
}

const GRAVE = new Set([
  'attempted-user',
  'unsuccessful-user',
  'successful-user',
  'attempted-admin',
  'successful-admin',
  'shellcode-detect',
  'trojan-activity',
  'web-application-attack',
  'kickass-porn',
  'policy-violation',
  'inappropriate-content',
  'malware-cnc',
  'client-side-exploit',
  'file-format',
]);
const MEDIUM = new Set([
  'bad-unknown',
  'attempted-recon',
  'successful-recon-limited',
  'successful-recon-largescale',
  'attempted-dos',
  'successful-dos',
  'rpc-portmap-decode',
  'suspicious-filename-detect',
  'suspicious-login',
  'system-call-detect',
  'unusual-client-port-connection',
  'denial-of-service',
  'non-standard-protocol',
  'web-application-activity',
  'misc-attack',
  'default-login-attempt',
  'sdf',
]);
