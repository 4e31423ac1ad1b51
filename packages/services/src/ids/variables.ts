// $HOME_NET and the like.

export type Variables = Readonly<Record<string, string>>;

/**
 * What Snort's own configuration file starts with, for a sensor that sees HTTP requests only: every network
 * is `any`, and so are the ports on which a web server may listen.
 */
export const DEFAULT_VARIABLES: Variables = {
  ...Object.fromEntries(
    [
      'HOME_NET',
      'EXTERNAL_NET',
      'HTTP_SERVERS',
      'DNS_SERVERS',
      'SMTP_SERVERS',
      'SQL_SERVERS',
      'TELNET_SERVERS',
      'SSH_SERVERS',
      'FTP_SERVERS',
      'SIP_SERVERS',
      'AIM_SERVERS',
      'DC_SERVERS',
      'HTTP_PORTS',
      'FILE_DATA_PORTS',
    ].map((name) => [name, 'any']),
  ),
  SHELLCODE_PORTS: '!80',
  ORACLE_PORTS: '1024:',
  SSH_PORTS: '22',
  FTP_PORTS: '[21,2100,3535]',
  SIP_PORTS: '[5060,5061,5600]',
};

/** The text with `$NAME` replaced, also inside of what replaced it. Throws Error for an unknown name. */
export function resolveVariables(text: string, variables: Variables, depth = 0): string {
  if (depth > 10) throw new Error(`${text} refers to itself`);
  return text.replace(/\$\(?(\w+)\)?/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`there is no variable $${name}`);
    return resolveVariables(value, variables, depth + 1);
  });
}
