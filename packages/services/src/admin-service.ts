// Each service's second listener, as Envoy has one: metrics and control, up even while the service
// itself is away, neither traced nor counted.
import { createServer, type ServerResponse } from 'node:http';
import { closeServer, listen } from './http-service.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}
/** `body` is at most 100 characters. */
export type AdminHandler = (body: string) => AdminAnswer | Promise<AdminAnswer>;

export interface AdminService {
  readonly port: number;
  close(): Promise<void>;
}

/** Paths by method, such as `GET /metrics`. Rejects when the port is taken. */
export async function createAdminService(
  address: { readonly host: string; readonly port: number },
  handlers: Readonly<Record<string, AdminHandler>>,
): Promise<AdminService> {
  const server = createServer(async (request, response) => {
    try {
      const handler = handlers[`${request.method} ${request.url}`];
      if (!handler) return answer(response, 404, 'not found\n');
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) {
        body += chunk as string;
        if (body.length > 100) return answer(response, 413, 'too long\n');
      }
      const { status, text } = await handler(body);
      answer(response, status, text);
    } catch (error) {
      answer(response, 500, `${String(error)}\n`);
    }
  });
  return {
    port: await listen(server, address.host, address.port),
    close: () => closeServer(server),
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    .end(text);
}
