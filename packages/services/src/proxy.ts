import { forwardedHeaders, passBack } from './forward.ts';
import type { ProxyConfig } from './config.ts';
import type { Handler, UpgradeHandler } from './http-service.ts';
import { passUpgrade, refuseUpgrade } from './upgrade.ts';
import type { Upstream } from './upstream.ts';

const MIRROR_TIMEOUT_MS = 2000;

/**
 * proxy-access-control: the front door. It denies, passes on, and after the answer sends a copy to the
 * observer. Each request is served whole by the configuration that it met.
 */
export function createProxy(
  current: () => ProxyConfig,
  upstream: Upstream,
): { handler: Handler; upgrade: UpgradeHandler } {
  return {
    async handler(exchange) {
      const config = current();
      const { method, target, path, body, context, response } = exchange;
      const refused = refusal(config, path);
      if (refused !== undefined) {
        response
          .writeHead(refused, { 'content-type': 'text/plain' })
          .end(refused === 403 ? 'access denied\n' : 'not found\n');
        return;
      }
      const headers = forwardedHeaders(exchange, doorOf(config));
      const call = { method, target, headers, body, parent: context };
      const { proxyPath, mirrorPath, timeoutMs } = config;
      await passBack(exchange, await upstream.call({ ...call, base: proxyPath, timeoutMs }));
      if (mirrorPath === undefined) return;
      const copy = await upstream.call({
        ...call,
        base: mirrorPath,
        // A sidecar goes by the host's name: with the client's it would send the copy to where that leads.
        hostHeader: config.inMesh ? undefined : exchange.request.headers.host,
        timeoutMs: MIRROR_TIMEOUT_MS,
      });
      if (copy.outcome === 'answered') copy.response.resume();
    },
    upgrade(exchange) {
      const config = current();
      const refused = refusal(config, exchange.path);
      if (refused !== undefined) return refuseUpgrade(exchange, refused);
      return passUpgrade(exchange, upstream, {
        base: config.proxyPath,
        timeoutMs: config.timeoutMs,
        headers: forwardedHeaders(exchange, doorOf(config)),
      });
    },
  };
}

const doorOf = ({ inMesh }: ProxyConfig) => (inMesh ? 'behind-gateway' : 'front');

function refusal(config: ProxyConfig, path: string): number | undefined {
  if (!path.startsWith(config.locationPath)) return 404;
  return config.denyPaths.some((denied) => path.startsWith(denied)) ? 403 : undefined;
}
