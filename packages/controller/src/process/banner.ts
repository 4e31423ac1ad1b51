import type { Addresses } from '../sources/snippets.ts';

/** What a person sees once everything is up. */
export function banner(
  addresses: Addresses,
  options: {
    demo: boolean;
    tokens: boolean;
    companions: readonly (readonly [string, string])[];
  },
): string {
  const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
  const lines = [
    '',
    `  ${bold('♣ Clover is up')}${options.demo ? ', with a live demo system' : ''}`,
    '',
    `    page         ${bold(addresses.controller)}`,
    `    OTLP/HTTP    ${addresses.otlpHttp}`,
    `    OTLP/gRPC    ${addresses.otlpGrpc}`,
    `    Zipkin       ${addresses.zipkin}`,
    ...options.companions.map(([name, url]) => `    ${name.padEnd(12)} ${url}`),
    ...(options.tokens ? ['', '    The API wants a token: Authorization: Bearer …'] : []),
    '',
    '  Ctrl-C ends it. ./clover ctl get services asks it from another terminal.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
