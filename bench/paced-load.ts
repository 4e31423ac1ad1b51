// An open-loop load: `PORT REQUESTS_PER_SECOND SECONDS CONNECTIONS`. Each request has its time, and its latency
// counts from then, whoever made it late (no coordinated omission); what is never answered counts as the longest.
// Those of a first second count for nothing: this program has just begun, and is slow itself until it is compiled.
// Prints p50 and p99 in milliseconds.
import { connect, type Socket } from 'node:net';

const [port = 0, rate = 1000, seconds = 5, connections = 32] = process.argv.slice(2).map(Number);
const REQUEST = 'GET / HTTP/1.1\r\nHost: web\r\nUser-Agent: chrome\r\n\r\n';
const LAST_ANSWERS_MS = 5000;
const WARM_UP_S = 1;
const END = '\r\n\r\n';

interface Client {
  readonly socket: Socket;
  since: number;
}
const idle: Client[] = [];
const late: number[] = [];
const latencies: number[] = [];
let sent = 0;
let answered = 0;
/** When the first second is over. */
let counted = Infinity;

function dial(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client: Client = { socket, since: 0 };
    let left = 0;
    socket.once('error', reject);
    socket.once('connect', () => {
      idle.push(client);
      resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      if (left === 0) {
        const text = chunk.toString('latin1');
        const head = text.indexOf(END);
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
        left = head + END.length + length;
      }
      left -= chunk.length;
      if (left > 0) return;
      left = 0;
      answered++;
      if (client.since >= counted) latencies.push(performance.now() - client.since);
      const due = late.shift();
      if (due === undefined) idle.push(client);
      else send(client, due);
    });
  });
}

function send(client: Client, due: number): void {
  client.since = due;
  client.socket.write(REQUEST);
}

await Promise.all(Array.from({ length: connections }, dial));
const start = performance.now();
counted = start + WARM_UP_S * 1000;
const total = rate * (WARM_UP_S + seconds);
const pace = () => {
  const now = performance.now();
  const due = Math.min(total, Math.floor(((now - start) * rate) / 1000));
  for (; sent < due; sent++) {
    const at = start + (sent * 1000) / rate;
    const client = idle.pop();
    if (client === undefined) late.push(at);
    else send(client, at);
  }
  // A loader that never sleeps would take the processor from what it measures.
  if (sent < total) setTimeout(pace, 1);
  else finish(performance.now() + LAST_ANSWERS_MS);
};
const finish = (until: number) => {
  if (answered < total && performance.now() < until) {
    setTimeout(finish, 20, until);
    return;
  }
  const missing = total - answered;
  for (let n = 0; n < missing; n++) latencies.push(LAST_ANSWERS_MS);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  console.log(JSON.stringify({ count: latencies.length, missing, p50: at(0.5), p99: at(0.99) }));
  process.exit(0);
};
pace();
