// One request to a listener of the mesh, on a connection of its own.

import { request } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface AskOptions {
  /** Asked for, by the Host header and the server name. Default the sample's, www.sdc.com. */
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
  readonly tls?: boolean;
}

/** @param address HOST:PORT */
export function ask(
  address: string,
  options: AskOptions = {},
): Promise<{ status: number; body: string }> {
  const at = address.lastIndexOf(':');
  const { host = 'www.sdc.com', path = '/', headers = {}, body } = options;
  const to = {
    host: address.slice(0, at),
    port: Number(address.slice(at + 1)),
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: { host, ...headers },
    agent: false,
  } as const;
  return new Promise((resolve, reject) => {
    const sent = options.tls
      ? secureRequest({ ...to, servername: host, rejectUnauthorized: false })
      : request(to);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
