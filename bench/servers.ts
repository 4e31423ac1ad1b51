// Servers behind the mesh: those that answer, and one that does everything wrong that a server can.
import http from 'node:http';
import http2 from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Servers {
  /** HTTP/1.1: 1 kB for everything, 64 kB for /big, an echo for WebSockets. */
  readonly http: number;
  /** HTTP/2 without TLS: 1 kB, and gRPC with trailers. */
  readonly h2: number;
  /** Gives back what it gets. */
  readonly echo: number;
  /** By path: /reset, /hang, /garbage, /half, /slow; /fine answers. */
  readonly bad: number;
  close(): Promise<void>;
}

const KILOBYTE = Buffer.alloc(1024, 'x');
const BIG = Buffer.alloc(65_536, 'y');

export async function startServers(): Promise<Servers> {
  const open: { server: Server; sockets: Set<Socket> }[] = [];
  const listen = async (server: Server): Promise<number> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    });
    open.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, () => resolve()));
    return (server.address() as AddressInfo).port;
  };
  const plain = http.createServer((request, response) => {
    request.resume().on('end', () => response.end(request.url === '/big' ? BIG : KILOBYTE));
  });
  plain.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    socket.pipe(socket);
  });
  plain.keepAliveTimeout = 60_000;
  const h2 = http2.createServer();
  h2.on('sessionError', () => {});
  h2.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    stream.resume();
    if (headers['content-type'] !== 'application/grpc') {
      stream.respond({ ':status': 200 });
      stream.end(KILOBYTE);
      return;
    }
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  });
  const servers = {
    http: await listen(plain),
    h2: await listen(h2 as unknown as Server),
    echo: await listen(createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))),
    bad: await listen(createServer({ allowHalfOpen: true }, behaveBadly)),
  };
  return {
    ...servers,
    async close() {
      await Promise.all(
        open.map(({ server, sockets }) => {
          for (const one of sockets) one.destroy();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

/** By the path of its first request. */
function behaveBadly(socket: Socket): void {
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: Buffer) => {
    const path = chunk.toString('latin1').split(' ')[1];
    if (path === '/reset') socket.resetAndDestroy();
    else if (path === '/garbage') socket.end('this is no HTTP\r\n\r\n');
    else if (path === '/half') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf');
    else if (path === '/slow') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    else if (path === '/fine') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
}
