// snort-ids: looks at the copies of requests that it is sent, and tells of what its rules find.

import { isSpanContextValid, type Span } from '@opentelemetry/api';
import type { IncomingMessage } from 'node:http';
import type { ObserverConfig } from '../config.ts';
import type { ControlHandler } from '../control/control-server.ts';
import type { Counters } from '../counters.ts';
import type { Handler } from '../http-service.ts';
import type { Reporter } from '../reports.ts';
import { alertOf } from './alert-of.ts';
import type { AlertForwarder } from './alert-forwarder.ts';
import type { ExaminedRequest } from './buffers.ts';
import { ruleOfFields } from './rule-of-fields.ts';
import { createRuleSet, describe } from './rule-set.ts';

export interface Sensor {
  readonly handler: Handler;
  readonly methods: Readonly<Record<string, ControlHandler>>;
}

export function createSensor(
  config: ObserverConfig,
  parts: {
    readonly counters: Counters;
    readonly reporter: Reporter;
    readonly forwarder: AlertForwarder;
    readonly clock?: () => number;
  },
): Sensor {
  const { counters, reporter, forwarder, clock = Date.now } = parts;
  const rules = createRuleSet(config.rules, config.variables);
  let running = true;
  let number = 0;
  const run = clock().toString(36);

  return {
    async handler({ request, response, target, body, span }) {
      if (running) {
        const examined = examinedRequest(request, { target, body, port: config.destinationPort });
        const nowMs = clock();
        for (const rule of rules.engine.examine(examined, nowMs)) {
          const id = `${run}-${++number}`;
          const traceId = traceIdOf(span);
          counters.add('clover_demo_alerts_total', 'Alerts raised by the rules.', 1);
          span.addEvent('ids.alert', {
            'ids.alert.id': id,
            'ids.rule.sid': String(rule.sid),
            'ids.rule.msg': rule.msg,
            'ids.rule.priority': rule.priority,
          });
          const where = { id, timeMs: nowMs, sensor: config.instance, traceId };
          reporter.alert(alertOf(rule, examined, where));
          forwarder.send(id);
        }
      }
      response.writeHead(204).end();
    },
    methods: {
      async AddRules(fields) {
        const text = fields['rules'] || ruleOfFields(fields);
        const { added, refused } = rules.add(text, 'rules');
        return [
          `added ${added}, refused ${refused.length}, in force ${rules.engine.rules.length}`,
          ...refused.map(describe),
        ].join('\n');
      },
      async StartSnort() {
        running = true;
        return `started with ${rules.engine.rules.length} rules, pid ${process.pid}`;
      },
      async StopSnort() {
        running = false;
        return `stopped, pid ${process.pid}`;
      },
    },
  };
}

function traceIdOf(span: Span): string {
  const context = span.spanContext();
  return isSpanContextValid(context) ? context.traceId : '';
}

/** The copy's sender is a proxy: who asked stands in X-Real-IP, or as the last that a gateway added to X-Forwarded-For. */
function examinedRequest(
  request: IncomingMessage,
  { target, body, port }: { target: string; body: Buffer; port: number },
): ExaminedRequest {
  const { headers, socket, method = 'GET', httpVersion, rawHeaders } = request;
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)!
    .trim();
  const real = headers['x-real-ip'] ?? (forwarded === '' ? undefined : forwarded);
  return {
    method,
    target,
    httpVersion,
    rawHeaders,
    body,
    sourceAddress: plainAddress(typeof real === 'string' ? real : (socket.remoteAddress ?? '')),
    sourcePort: typeof real === 'string' ? 0 : (socket.remotePort ?? 0),
    destinationAddress: plainAddress(socket.localAddress ?? ''),
    destinationPort: port,
  };
}

const plainAddress = (address: string): string => address.replace(/^::ffff:/, '');
