import type { Addresses } from '../sources/snippets.ts';

/** What a person sees once everything is up. */
export function banner(
  addresses: Addresses,
  options: {
    demo: { readonly inMesh: boolean; readonly front: string } | undefined;
    tokens: boolean;
    companions: readonly (readonly [string, string])[];
  },
): string {
  const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
  const lines = [
    '',
    `  ${bold('♣ Clover is up')}${options.demo ? `, with a live demo system${options.demo.inMesh ? ' in its mesh' : ''}` : ''}`,
    '',
    `    page         ${bold(addresses.controller)}`,
    `    OTLP/HTTP    ${addresses.otlpHttp}`,
    `    OTLP/gRPC    ${addresses.otlpGrpc}`,
    `    Zipkin       ${addresses.zipkin}`,
    ...(options.demo
      ? [`    ${options.demo.inMesh ? 'gateway' : 'demo'}`.padEnd(17) + options.demo.front]
      : []),
    ...options.companions.map(([name, url]) => `    ${name.padEnd(12)} ${url}`),
    ...(options.tokens ? ['', '    The API wants a token: Authorization: Bearer …'] : []),
    '',
    ...(options.demo?.inMesh ? toTry(options.demo.front) : []),
    '  Ctrl-C ends it. ./clover ctl get services asks it from another terminal.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const toTry = (gateway: string): string[] => [
  '  To try from another terminal:',
  '',
  `    curl ${gateway}/catalog`,
  '    ./clover ctl get workloads',
  '    ./clover ctl verify traffic --since 5m',
  '    ./clover ctl fault inject --service http-lb --abort 503 --percent 10 --for 2m',
  '',
];
