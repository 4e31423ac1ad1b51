import type { Addresses } from '../sources/snippets.ts';

/** Where a controller listens, and cloverctl asks, by default. */
const DEFAULT_URL = 'http://127.0.0.1:9400';

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
  const url = addresses.controller === DEFAULT_URL ? undefined : addresses.controller;
  const inMesh = options.demo?.inMesh === true;
  const ctl = url === undefined || inMesh ? './clover ctl' : `./clover ctl --server ${url}`;
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
    ...(inMesh ? toTry(options.demo!.front, url) : []),
    `  Ctrl-C ends it. ${ctl} get services asks it from another terminal.`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** @param url of a controller that cloverctl does not find by itself */
const toTry = (gateway: string, url: string | undefined): string[] => [
  '  To try from another terminal:',
  '',
  ...(url === undefined ? [] : [`    export CLOVER_SERVER=${url}`]),
  `    curl ${gateway}/catalog`,
  '    ./clover ctl get workloads',
  '    ./clover ctl verify traffic --since 5m',
  '    ./clover ctl fault inject --service http-lb --abort 503 --percent 10 --for 2m',
  '',
];
