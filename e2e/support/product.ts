// The whole product as a user starts it: the real program, an empty data directory, free ports.
import { existsSync } from 'node:fs';
import { type ReadyFile, type RunningProcess, startProgram, tempDir } from '@clover/test-support';

const MAIN = 'packages/controller/dist/main.js';

/** The ready file with `--demo`: the front door, and each instance's metrics and control listener. */
export interface ProductReady extends ReadyFile {
  readonly demo?: { readonly front: string; readonly admin: Readonly<Record<string, string>> };
}

export interface Product {
  readonly ready: ProductReady;
  readonly process: RunningProcess;
  readonly dataDir: string;
  stop(): Promise<void>;
  /** Ends it at once with SIGKILL; any other end that nobody asked for is printed. */
  kill(): Promise<void>;
}

/** `dataDir` keeps an earlier run's data; without it the folder goes with the product. */
export async function startProduct(
  options: {
    readonly args?: readonly string[];
    readonly dataDir?: string;
    /** What it finds on standard input. */
    readonly input?: string;
  } = {},
): Promise<Product> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: npm run build`);
  const own = options.dataDir === undefined ? await tempDir('clover-e2e-') : undefined;
  const dataDir = options.dataDir ?? own!.path;
  const program = await startProgram<ProductReady>({
    main: MAIN,
    ...(options.input === undefined ? {} : { input: options.input }),
    args: [
      `--data=${dataDir}`,
      '--log-level=warn',
      '--port=0',
      '--otlp-http-port=0',
      '--otlp-grpc-port=0',
      '--zipkin-port=0',
      ...(options.args ?? []),
    ],
  });
  let stopping = false;
  const { exited, stderr } = program.process;
  const ended = exited.then((how) => {
    if (!stopping) console.error(`Clover ended with ${how}\n${stderr()}`);
  });
  return {
    ready: program.ready,
    process: program.process,
    dataDir,
    async stop() {
      stopping = true;
      await program.stop();
      await ended;
      await own?.remove();
    },
    async kill() {
      stopping = true;
      program.process.signal('SIGKILL');
      await ended;
    },
  };
}
