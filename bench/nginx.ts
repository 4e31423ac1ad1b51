// nginx with one worker: a server that answers at once, or a plain proxy.
import { mkdir, writeFile } from 'node:fs/promises';
import { answers, startProcess } from '@clover/test-support';

/** `server` is the content of the http block. Resolves when the port answers. */
export async function startNginx(
  folder: string,
  server: string,
  port: number,
): Promise<{ stop(): Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((one) => `${one}_temp_path ${folder}/${one};`)
    .join(' ');
  await writeFile(
    `${folder}/nginx.conf`,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events { worker_connections 1024; } http { access_log off; keepalive_requests 100000000; ${paths} ${server} }`,
  );
  const nginx = await startProcess({
    command: 'nginx',
    args: ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`],
    ready: () => answers(`http://127.0.0.1:${port}/`),
  });
  return { stop: async () => void (await nginx.stop()) };
}

/** Answers 1 kB to everything. */
export const oneKilobyte = (...ports: readonly number[]): string =>
  `server { ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ')} location / { default_type text/plain; return 200 "${'x'.repeat(1024)}"; } }`;
