// Tells the proxy of alerts over gRPC (ProcessAlerts), a bounded number at a time.

import { createControlClient, type ControlClient } from '../control/control-client.ts';

export interface AlertForwarder {
  /** `host:port` of the proxy's control interface. */
  sendTo(address: string): void;
  send(alertId: string): void;
  readonly sent: number;
  /** Alerts that the proxy was not told of. */
  readonly failed: number;
  close(): void;
}

const MOST_UNDER_WAY = 100;

export function createAlertForwarder(address: string | undefined): AlertForwarder {
  let client: ControlClient | undefined;
  let underWay = 0;
  let sent = 0;
  let failed = 0;
  const sendTo = (next: string) => {
    client?.close();
    client = createControlClient('nginx', next);
  };
  if (address !== undefined) sendTo(address);
  return {
    sendTo,
    get sent() {
      return sent;
    },
    get failed() {
      return failed;
    },
    send(alertId) {
      if (!client) return;
      if (underWay >= MOST_UNDER_WAY) {
        failed++;
        return;
      }
      underWay++;
      void client
        .call('ProcessAlerts', { event_id: alertId, redis_key: `snort_event:${alertId}` })
        .then(
          () => sent++,
          () => failed++,
        )
        .finally(() => underWay--);
    },
    close: () => client?.close(),
  };
}
