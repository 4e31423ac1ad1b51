// Every setting of the process: one list that flags, environment variables, clover.yaml, --help and
// GET /api/v1/config are all made from.

import type { OptionDefinition } from './option-definition.ts';
import { TRAFFIC_OPTIONS } from './traffic-options.ts';

export const OPTIONS = [
  {
    key: 'host',
    type: 'string',
    default: '127.0.0.1',
    group: 'Addresses',
    description: 'address of the REST API and the page; anything but loopback demands tokens',
  },
  {
    key: 'port',
    type: 'port',
    default: 9400,
    group: 'Addresses',
    description: 'port of the REST API and the page (0 = any free port)',
  },
  {
    key: 'receiverHost',
    type: 'string',
    default: '127.0.0.1',
    group: 'Addresses',
    description:
      'address of the OTLP and Zipkin listeners; anything but loopback demands tokens or --anonymous-ingest',
  },
  {
    key: 'otlpGrpcPort',
    type: 'port',
    default: 4317,
    group: 'Addresses',
    description: 'port for OTLP over gRPC (0 = any free port)',
  },
  {
    key: 'otlpHttpPort',
    type: 'port',
    default: 4318,
    group: 'Addresses',
    description: 'port for OTLP over HTTP (0 = any free port)',
  },
  {
    key: 'zipkinPort',
    type: 'port',
    default: 9411,
    group: 'Addresses',
    description: 'port for Zipkin v2 (0 = any free port)',
  },
  {
    key: 'data',
    type: 'string',
    group: 'Store',
    description: 'directory of the embedded store (default $XDG_DATA_HOME/clover)',
  },
  {
    key: 'clickhouse.url',
    type: 'string',
    group: 'Store',
    aliases: ['clickhouse'],
    description: 'use this ClickHouse server or cluster instead of the embedded store',
  },
  { key: 'clickhouse.user', type: 'string', group: 'Store', description: 'ClickHouse user' },
  {
    key: 'clickhouse.password',
    type: 'string',
    secret: true,
    group: 'Store',
    description:
      'ClickHouse password; better by CLOVER_CLICKHOUSE_PASSWORD or clover.yaml than by a flag',
  },
  {
    key: 'clickhouse.database',
    type: 'string',
    default: 'clover',
    group: 'Store',
    description: 'ClickHouse database',
  },
  {
    key: 'clickhouse.cluster',
    type: 'string',
    group: 'Store',
    description: 'name of the cluster: tables become Replicated and Distributed',
  },
  {
    key: 'clickhouse.tlsCa',
    type: 'string',
    group: 'Store',
    description: 'PEM file of the authority that signed the ClickHouse server certificate',
  },
  {
    key: 'retention.spans',
    type: 'duration',
    default: '7d',
    group: 'Store',
    description: 'how long spans are kept',
  },
  {
    key: 'retention.metrics',
    type: 'duration',
    default: '15d',
    group: 'Store',
    description: 'how long metric points are kept',
  },
  {
    key: 'retention.rollups',
    type: 'duration',
    default: '30d',
    group: 'Store',
    description: 'how long per-minute figures are kept',
  },
  {
    key: 'scrape',
    type: 'list',
    default: [],
    group: 'Sources',
    description: 'Prometheus target to scrape: host:port or URL; repeatable',
  },
  {
    key: 'scrapeInterval',
    type: 'duration',
    default: '15s',
    group: 'Sources',
    description: 'time between two scrapes of a target',
  },
  {
    key: 'serviceControl',
    type: 'list',
    default: [],
    group: 'Sources',
    description:
      'control interface of a sample service that runs elsewhere: NAME=HOST:PORT; repeatable',
  },
  {
    key: 'demo',
    type: 'boolean',
    default: false,
    group: 'Sources',
    description:
      'start the demo system (the SDC chain and its clients), in the mesh unless --no-mesh, and watch it',
  },
  {
    key: 'demoRate',
    type: 'integer',
    default: 40,
    group: 'Sources',
    description: 'requests per second that the clients of the demo send',
  },
  {
    key: 'withJaeger',
    type: 'boolean',
    default: false,
    group: 'Sources',
    description:
      'start a real Jaeger (JAEGER or PATH) that gets the spans of the demo, and pull from it',
  },
  {
    key: 'withPrometheus',
    type: 'boolean',
    default: false,
    group: 'Sources',
    description:
      'start a real Prometheus (PROMETHEUS or PATH) that scrapes the demo, and pull from it',
  },
  {
    key: 'withWaf',
    type: 'boolean',
    default: false,
    group: 'Sources',
    description:
      'put a web application firewall (Apache with ModSecurity and the OWASP core rules) before the ingress gateway of the mesh',
  },
  ...TRAFFIC_OPTIONS,
  {
    key: 'tokenFile',
    type: 'string',
    group: 'Security',
    description: 'YAML file with a list `tokens:` as `clover token` writes it',
  },
  {
    key: 'tlsCert',
    type: 'string',
    group: 'Security',
    description:
      'PEM certificate chain: serve the API and the page, and receivers off loopback, over TLS',
  },
  { key: 'tlsKey', type: 'string', group: 'Security', description: 'PEM key of --tls-cert' },
  {
    key: 'allowedHosts',
    type: 'list',
    default: [],
    group: 'Security',
    aliases: ['allowed-host'],
    description: 'further names that the Host header may carry on loopback; repeatable',
  },
  {
    key: 'anonymousIngest',
    type: 'boolean',
    default: false,
    group: 'Security',
    description: 'take spans without a token though the receivers listen off loopback',
  },
  {
    key: 'queryTimeout',
    type: 'duration',
    default: '30s',
    group: 'Limits',
    description: 'deadline of each query',
  },
  {
    key: 'concurrentQueries',
    type: 'integer',
    default: 32,
    group: 'Limits',
    description: 'queries under way at once; further requests get 429',
  },
  {
    key: 'maxBody',
    type: 'bytes',
    default: '1MiB',
    group: 'Limits',
    description: 'largest JSON body of an API request',
  },
  {
    key: 'maxImport',
    type: 'bytes',
    default: '4GiB',
    group: 'Limits',
    description: 'largest import',
  },
  {
    key: 'spanMetricsSeries',
    type: 'integer',
    default: 2000,
    group: 'Limits',
    description:
      'most label sets of traces_spanmetrics_* and traces_service_graph_*; the rest is summed as "other"',
  },
  {
    key: 'config',
    type: 'string',
    group: 'Process',
    description: 'configuration file (default clover.yaml in the working directory, if there)',
  },
  {
    key: 'readyFile',
    type: 'string',
    group: 'Process',
    description:
      'write the addresses to this file (- for standard output) as JSON once all listeners are up',
  },
  {
    key: 'ui',
    type: 'string',
    group: 'Process',
    description: 'directory with the built page (default: the one that comes with Clover)',
  },
  {
    key: 'logLevel',
    type: 'string',
    default: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    group: 'Process',
    description: 'least level of the log on stderr',
  },
  {
    key: 'logFormat',
    type: 'string',
    default: 'auto',
    choices: ['auto', 'json', 'text'],
    group: 'Process',
    description: 'auto: text on a terminal, JSON lines otherwise',
  },
] as const satisfies readonly OptionDefinition[];

export type OptionKey = (typeof OPTIONS)[number]['key'];

const words = (key: string): string[] =>
  key.split('.').flatMap((part) => part.split(/(?=[A-Z])/).map((word) => word.toLowerCase()));

/** `clickhouse.tlsCa` -> `clickhouse-tls-ca` (no dashes in front). */
export const flagOf = (key: string): string => words(key).join('-');

/** `clickhouse.tlsCa` -> `CLOVER_CLICKHOUSE_TLS_CA`. */
export const environmentOf = (key: string): string =>
  `CLOVER_${words(key).join('_').toUpperCase()}`;
