// The program of the stories: any small server would do. It answers with its name in the mesh and what it was
// asked for, and keeps a log of it. `?status=500` answers so, `?wait=300` after so many milliseconds.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const name = process.env.CLOVER_WORKLOAD?.split('/')[1] ?? 'hello';
createServer(async (request, response) => {
  const line = `${name} ${request.method} ${request.url}\n`;
  process.stdout.write(line);
  const query = new URL(request.url, 'http://hello').searchParams;
  await sleep(Number(query.get('wait')));
  response.writeHead(Number(query.get('status') ?? 200)).end(line);
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit());
