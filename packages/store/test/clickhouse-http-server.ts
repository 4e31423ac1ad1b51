// ClickHouse's HTTP protocol in front of the embedded engine, as far as the client uses it, so that the
// way over the network is tested with the real client and the real SQL.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync, gunzipSync } from 'node:zlib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { bindParameters, quote } from '../src/engine/bind-parameters.ts';

export interface ClickHouseTestServer {
  readonly url: string;
  /** Statements that came in, oldest first. */
  readonly statements: readonly string[];
  /** The next request is cut off before it is answered. */
  breakNext(): void;
  close(): Promise<void>;
}

const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'enable_http_compression',
  'http_response_buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'distributed_foreground_insert',
  'distributed_product_mode',
  'max_memory_usage',
  'default_format',
  'session_id',
  'query_id',
  'database',
  'query',
  'user',
  'password',
  'role',
  'http_write_exception_in_output_format',
]);

/** Needs the user `clover` and the password `secret`. */
export async function startClickHouseServer(): Promise<ClickHouseTestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'clover-http-'));
  const session = new Session(join(dir, 'data'));
  const statements: string[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let breaking = false;
  let blocks = 0;

  async function execute(url: URL, body: Buffer): Promise<Buffer> {
    const database = url.searchParams.get('database') ?? 'default';
    await session.queryAsync(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
    await session.queryAsync(`USE \`${database}\``);
    const params: Record<string, string> = {};
    for (const [name, value] of url.searchParams) {
      if (name.startsWith('param_')) params[name.slice(6)] = value;
      else if (!HTTP_ONLY.has(name))
        await session.queryAsync(`SET ${name} = ${/^[\d.]+$/.test(value) ? value : quote(value)}`);
    }
    const inUrl = url.searchParams.get('query');
    const statement = inUrl ?? body.toString('utf8');
    statements.push(statement);
    const native = /^INSERT INTO (\S+) \(([^)]*)\) FORMAT Native$/.exec(statement.trim());
    if (native) return insertNative(native[1]!, native[2]!, body);
    const format = /\bFORMAT (\w+)\s*$/.exec(statement.trim())?.[1];
    const data = inUrl !== null && body.length > 0 ? `\n${body.toString('utf8')}` : '';
    const sql =
      format && !/^\s*INSERT/i.test(statement)
        ? statement.replace(/\bFORMAT \w+\s*$/, '')
        : statement;
    const result = await session.queryAsync(
      bindTexts(sql, params) + data,
      format ? { format } : {},
    );
    return Buffer.from(result.bytes());
  }

  async function insertNative(table: string, columns: string, body: Buffer): Promise<Buffer> {
    const file = join(dir, `${blocks++}.native`);
    writeFileSync(file, body);
    await session.queryAsync(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM file(${quote(file)}, Native)`,
    );
    rmSync(file);
    return Buffer.alloc(0);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (breaking) {
      breaking = false;
      request.socket.destroy();
      return;
    }
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (
      request.headers.authorization !== `Basic ${Buffer.from('clover:secret').toString('base64')}`
    ) {
      response.writeHead(403, { 'x-clickhouse-exception-code': '516' });
      response.end(
        'Code: 516. DB::Exception: clover: Authentication failed. (AUTHENTICATION_FAILED)',
      );
      return;
    }
    const run = queue.then(() => execute(url, body));
    queue = run.catch(() => undefined);
    try {
      const result = await run;
      const gzip =
        /gzip/.test(String(request.headers['accept-encoding'])) &&
        url.searchParams.get('enable_http_compression') === '1';
      response.writeHead(200, {
        'content-type': 'application/octet-stream',
        ...(gzip && { 'content-encoding': 'gzip' }),
      });
      response.end(gzip ? gzipSync(result) : result);
    } catch (error) {
      const message = (error as Error).message;
      response.writeHead(500, {
        'x-clickhouse-exception-code': /Code: (\d+)/.exec(message)?.[1] ?? '1',
      });
      response.end(message);
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statements,
    breakNext: () => (breaking = true),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await queue;
      session.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Parameters come as texts in ClickHouse's own escaping: `['a\'b','c']` for an array. */
function bindTexts(sql: string, params: Readonly<Record<string, string>>): string {
  const values: Record<string, unknown> = {};
  const rewritten = sql.replace(
    /\{(\w+):\s*([A-Za-z][\w(), ]*)\}/g,
    (whole, name: string, type: string) => {
      const text = params[name] ?? '';
      if (type.startsWith('Array')) return `CAST(${text.startsWith('[') ? text : '[]'} AS ${type})`;
      values[name] = type === 'String' ? unescape(text) : text;
      return whole;
    },
  );
  return bindParameters(rewritten, values);
}

const ESCAPED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  "'": "'",
};
function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (whole, letter: string) => ESCAPED[letter] ?? whole);
}
