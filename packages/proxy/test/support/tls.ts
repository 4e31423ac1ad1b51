// Real TLS for tests: servers that tell who came, clients, and OpenSSL's own.

import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const TIME_MS = 5000;
const open: { close(): void }[] = [];

/** Ends all servers of a test. */
export function closeAll(): void {
  for (const one of open.splice(0)) one.close();
}
export function closing<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

export async function listen(handler: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    handler(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push({
    close() {
      server.close();
      for (const one of sockets) one.destroy();
    },
  });
  return (server.address() as AddressInfo).port;
}

/** Sends a text and gives all that comes back until the end, or why nothing did. */
export function exchange(
  port: number,
  text: string,
  tls?: ConnectionOptions,
): Promise<{ answer: string; error: string }> {
  return new Promise((done) => {
    const socket = tls
      ? connectTls({ host: '127.0.0.1', port, ...tls })
      : connect({ host: '127.0.0.1', port });
    let answer = '';
    const end = (error: string) => {
      socket.destroy();
      done({ answer, error });
    };
    const timer = setTimeout(() => end('late'), TIME_MS);
    timer.unref();
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', (error) => end(error.message));
    socket.on('close', () => end(''));
    socket.on('end', () => end(''));
    if (text !== '') socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(text));
  });
}

/** Runs `openssl` with a text on its input and gives all it says. */
export function openssl(args: readonly string[], input = ''): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill(), TIME_MS);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', fail);
    child.on('close', () => {
      clearTimeout(timer);
      done(said);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
