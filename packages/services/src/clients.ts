// The people and programs that use the shop: an open stream of requests at a bounded rate, whatever
// the answers do.
import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { ClientsConfig } from './config.ts';
import type { Counters } from './counters.ts';
import { nextArrivalMs, pickWeighted, type Random } from './random.ts';

const USER_AGENTS = [
  {
    weight: 42,
    value:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  },
  {
    weight: 18,
    value:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.7 Mobile/15E148 Safari/604.1',
  },
  {
    weight: 14,
    value: 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
  },
  {
    weight: 8,
    value:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  },
  { weight: 8, value: 'curl/8.14.1' },
  { weight: 6, value: 'python-requests/2.32.5' },
  { weight: 3, value: 'Go-http-client/1.1' },
  // The original's rule looks for this one.
  { weight: 1, value: 'asafaweb.com' },
] as const;

interface Plan {
  readonly weight: number;
  readonly method: string;
  readonly path: (random: Random) => string;
  readonly body?: string;
}

const NOT_SENT = 'Not sent: too many under way, or no front door.';

const below = (random: Random, count: number) => Math.floor(random() * count);
const WORDS = ['clover', 'lamp', 'desk', 'chair', 'tea', 'book', 'pen'];
const PLANS: readonly Plan[] = [
  { weight: 20, method: 'GET', path: () => '/' },
  { weight: 14, method: 'GET', path: () => '/catalog' },
  { weight: 26, method: 'GET', path: (random) => `/products/${1000 + below(random, 500)}` },
  { weight: 8, method: 'GET', path: (random) => `/users/${1 + below(random, 9000)}/orders` },
  { weight: 6, method: 'GET', path: () => `/orders/${randomUUID()}` },
  { weight: 8, method: 'GET', path: (random) => `/search?q=${WORDS[below(random, WORDS.length)]}` },
  {
    weight: 6,
    method: 'POST',
    path: (random) => `/cart/${1 + below(random, 9000)}/items`,
    body: '{"product":1007,"quantity":1}',
  },
  { weight: 3, method: 'GET', path: () => '/home' },
  { weight: 3, method: 'GET', path: () => '/assets/shop.css' },
  { weight: 1.5, method: 'PUT', path: () => '/uploads/list.json', body: '[1000,1007]' },
  { weight: 1.5, method: 'POST', path: () => '/upload-test', body: '{"note":"thrown away"}' },
  { weight: 2, method: 'GET', path: () => '/favicon.ico' },
  { weight: 1, method: 'GET', path: () => '/admin' },
];

export interface Clients {
  setRate(ratePerSecond: number): void;
  /** Base URL of the front door from now on; undefined: they wait. */
  goTo(target: string | undefined): void;
  readonly inFlight: number;
  close(): void;
}

/**
 * Requests arrive as a Poisson stream. When `maxInFlight` are under way the next ones are skipped and
 * counted, so that a slow system is not buried.
 */
export function createClients(
  config: ClientsConfig,
  counters: Counters,
  random: Random = Math.random,
): Clients {
  const agent = new Agent({ keepAlive: true, maxSockets: config.maxInFlight });
  const host = config.hostHeader;
  const peer = host ?? 'proxy-access-control';
  const urlOf = (target: string | undefined) =>
    target === undefined ? undefined : new URL(target);
  let url = urlOf(config.target);
  let rate = config.ratePerSecond;
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = performance.now();

  const schedule = () => {
    clearTimeout(timer);
    const waitMs = nextArrivalMs(rate, random);
    if (waitMs === Infinity) return;
    dueMs = Math.max(dueMs + waitMs, performance.now() - 1000);
    timer = setTimeout(arrive, Math.max(0, dueMs - performance.now()));
  };
  const arrive = () => {
    if (url && inFlight < config.maxInFlight) ask(url);
    else counters.add('clover_demo_skipped_requests_total', NOT_SENT, 1);
    schedule();
  };
  const ask = ({ hostname, port }: URL) => {
    const plan = pickWeighted(PLANS, random);
    const body = plan.body ?? '';
    inFlight++;
    const outgoing = request({
      agent,
      host: hostname,
      port,
      method: plan.method,
      path: plan.path(random),
      timeout: 10_000,
      headers: {
        ...(host !== undefined && { host }),
        'user-agent': pickWeighted(USER_AGENTS, random).value,
        'content-length': Buffer.byteLength(body),
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
      },
    });
    let outcome = 'reset';
    outgoing.once('response', (response) => {
      outcome = String(response.statusCode);
      response.resume();
    });
    outgoing.once('timeout', () => {
      outcome = 'timeout';
      outgoing.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') outcome = 'refused';
    });
    outgoing.once('close', () => {
      inFlight--;
      counters.upstream(peer, outcome);
    });
    outgoing.end(body);
  };

  schedule();
  return {
    setRate(ratePerSecond) {
      rate = ratePerSecond;
      dueMs = performance.now();
      schedule();
    },
    goTo(target) {
      url = urlOf(target);
    },
    get inFlight() {
      return inFlight;
    },
    close() {
      clearTimeout(timer);
      agent.destroy();
    },
  };
}
