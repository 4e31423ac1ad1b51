import { forwardedHeaders, passBack } from './forward.ts';
import type { ProxyConfig } from './config.ts';
import type { Handler } from './http-service.ts';
import type { Upstream } from './upstream.ts';

const MIRROR_TIMEOUT_MS = 2000;

/** proxy-access-control: the front door. It denies, passes on, and after the answer sends a copy to the observer. */
export function createProxy(config: ProxyConfig, upstream: Upstream): Handler {
  return async (exchange) => {
    const { method, target, path, body, context, response } = exchange;
    if (!path.startsWith(config.locationPath)) {
      response.writeHead(404).end();
      return;
    }
    if (config.denyPaths.some((denied) => path.startsWith(denied))) {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('access denied\n');
      return;
    }
    const headers = forwardedHeaders(exchange);
    const call = { method, target, headers, body, parent: context };
    const { proxyPath, mirrorPath, timeoutMs } = config;
    await passBack(exchange, await upstream.call({ ...call, base: proxyPath, timeoutMs }));
    if (mirrorPath === undefined) return;
    const copy = await upstream.call({ ...call, base: mirrorPath, timeoutMs: MIRROR_TIMEOUT_MS });
    if (copy.outcome === 'answered') copy.response.resume();
  };
}
