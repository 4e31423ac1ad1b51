import type { ObserverConfig } from './config.ts';
import type { Counters } from './counters.ts';
import type { Handler } from './http-service.ts';

/** The observer in snort-ids' place: reads each mirrored request, raises alerts by rule, answers 204. */
export function createObserver(config: ObserverConfig, counters: Counters): Handler {
  return async ({ request, response, target, body, span }) => {
    const seen = [target, ...request.rawHeaders, body.toString('latin1')].join('\n');
    for (const rule of config.rules) {
      if (!seen.includes(rule.content)) continue;
      counters.add('clover_demo_alerts_total', 'Alerts raised by the rules.', 1);
      span.addEvent('ids.alert', { 'ids.rule.sid': rule.sid, 'ids.rule.msg': rule.msg });
    }
    response.writeHead(204).end();
  };
}
