// `./clover bench`: lists the benchmarks, or bundles one (Node 20 runs no TypeScript) and runs it with its flags.
import { spawnSync } from 'node:child_process';
import { build } from 'vite';

const OUT = '.cache/clover/bench';

/** Name to its file; further files are programs that it starts. */
const BENCHMARKS = {
  ingest: {
    files: ['ingest-e2e', 'load-generator'],
    about: 'spans per second over OTLP/HTTP into the real program, and into Jaeger beside it',
  },
  startup: { files: ['startup'], about: "cold start, idle memory, the page's first load" },
  store: {
    files: ['store-10m'],
    about: 'ten million spans: bytes a span on disk, and the questions people ask of them',
  },
  decode: { files: ['otlp-decode'], about: 'the OTLP decoder alone' },
  ids: {
    files: ['ids-rules'],
    about: 'requests per second that the IDS examines, with 1,000 rules and with more',
  },
  telemetry: {
    files: ['proxy-telemetry'],
    about: 'nanoseconds that metrics, spans and access logs take of a proxied request',
  },
  proxy: {
    files: ['proxy', 'proxy-peer', 'paced-load'],
    about: 'requests per second and added latency beside Envoy, nginx and two Node proxies',
  },
  mesh: {
    files: ['mesh'],
    about:
      'two hops with mutual TLS, traced and logged, and the memory of a workload, beside Istio',
  },
  churn: {
    files: ['churn'],
    about: 'a thousand changes of the mesh under load: failed requests, and how soon a rule holds',
  },
  soak: {
    files: ['soak'],
    about: 'mixed load and faults through the mesh for an hour: does memory grow, do sockets stay',
  },
  routing: {
    files: ['traffic-decide'],
    about: 'decisions per second and compile time with 1,000 VirtualServices',
  },
  pick: { files: ['proxy-pick'], about: 'choosing an endpoint, for each way of balancing' },
  istio: {
    files: ['traffic-istio'],
    about: 'random tables and requests, every answer of a running Istio compared with the decision',
  },
};

const [name = '', ...flags] = process.argv.slice(2);
const chosen = BENCHMARKS[name];
if (chosen) {
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@clover/source', 'module', 'node', 'import', 'default'] },
    ssr: { noExternal: [/^@clover\//], resolve: { conditions: ['@clover/source', 'node'] } },
    build: {
      ssr: true,
      outDir: OUT,
      target: 'node20',
      rollupOptions: {
        input: Object.fromEntries(chosen.files.map((file) => [file, `bench/${file}.ts`])),
        output: { entryFileNames: '[name].mjs' },
      },
    },
  });
  const run = spawnSync(process.execPath, [`${OUT}/${chosen.files[0]}.mjs`, ...flags], {
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
} else {
  console.log('./clover bench NAME [flags]\n');
  for (const [known, { about }] of Object.entries(BENCHMARKS))
    console.log(`  ${known.padEnd(10)} ${about}`);
  process.exitCode = name === '' ? 0 : 2;
}
