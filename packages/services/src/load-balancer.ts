import { forwardedHeaders, passBack } from './forward.ts';
import type { LoadBalancerConfig } from './config.ts';
import type { Handler, UpgradeHandler } from './http-service.ts';
import { passUpgrade, refuseUpgrade } from './upgrade.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';

/** http-lb: round robin over the server list; a refused connection goes to the next server if retries allow. */
export function createLoadBalancer(
  current: () => LoadBalancerConfig,
  upstream: Upstream,
): { handler: Handler; upgrade: UpgradeHandler } {
  let turn = 0;
  const next = ({ slbList }: LoadBalancerConfig) => slbList[turn++ % slbList.length]!;
  return {
    async handler(exchange) {
      const config = current();
      if (!exchange.path.startsWith(config.lbPath)) {
        exchange.response.writeHead(404).end();
        return;
      }
      const headers = forwardedHeaders(exchange, 'inner');
      let answer: UpstreamAnswer = { outcome: 'refused', message: 'the server list is empty' };
      const tries = Math.min(config.slbList.length, 1 + config.retries);
      for (let resend = 0; resend < tries; resend++) {
        answer = await upstream.call({
          base: next(config),
          method: exchange.method,
          target: exchange.target,
          headers,
          body: exchange.body,
          parent: exchange.context,
          timeoutMs: config.timeoutMs,
          ...(resend === 0 ? {} : { resendCount: resend }),
        });
        if (answer.outcome !== 'refused') break;
      }
      await passBack(exchange, answer);
    },
    upgrade(exchange) {
      const config = current();
      if (!exchange.path.startsWith(config.lbPath)) return refuseUpgrade(exchange, 404);
      return passUpgrade(exchange, upstream, {
        base: next(config),
        timeoutMs: config.timeoutMs,
        headers: forwardedHeaders(exchange, 'inner'),
      });
    },
  };
}
