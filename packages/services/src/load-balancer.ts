import { forwardedHeaders, passBack } from './forward.ts';
import type { LoadBalancerConfig } from './config.ts';
import type { Handler } from './http-service.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';

/** http-lb: round robin over the server list; a refused connection goes to the next server if retries allow. */
export function createLoadBalancer(config: LoadBalancerConfig, upstream: Upstream): Handler {
  let turn = 0;
  return async (exchange) => {
    if (!exchange.path.startsWith(config.lbPath)) {
      exchange.response.writeHead(404).end();
      return;
    }
    const headers = forwardedHeaders(exchange);
    let answer: UpstreamAnswer = { outcome: 'refused', message: 'the server list is empty' };
    const tries = Math.min(config.slbList.length, 1 + config.retries);
    for (let resend = 0; resend < tries; resend++) {
      const base = config.slbList[turn++ % config.slbList.length]!;
      answer = await upstream.call({
        base,
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
  };
}
