// What services tell the controller: alerts and uploads, in batches, a bounded number under way.

import type { IdsAlert, UploadReport } from '@clover/model';

export interface Reports {
  readonly alerts: readonly IdsAlert[];
  readonly uploads: readonly UploadReport[];
}

/** Rejects when they did not arrive. */
export type SendReports = (reports: Reports) => Promise<void>;

export interface Reporter {
  alert(alert: IdsAlert): void;
  upload(upload: UploadReport): void;
  /** Reports given up: nobody took them, or too many waited. */
  readonly dropped: number;
  /** Resolves when nothing waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const MOST_WAITING = 1000;
const EVERY_MS = 200;
const TRIES = 3;

/** Without `send` every report is given up at once, and not counted: nobody wants them. */
export function createReporter(send: SendReports | undefined): Reporter {
  let alerts: IdsAlert[] = [];
  let uploads: UploadReport[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  const deliver = async () => {
    const batch = { alerts, uploads };
    if (!send || alerts.length + uploads.length === 0) return;
    alerts = [];
    uploads = [];
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(batch);
      } catch {
        if (attempt < TRIES) continue;
        dropped += batch.alerts.length + batch.uploads.length;
        return;
      }
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    return (sending = sending.then(deliver));
  };
  const add = (put: () => void) => {
    if (!send) return;
    if (alerts.length + uploads.length >= MOST_WAITING) {
      dropped++;
      return;
    }
    put();
    timer ??= setTimeout(() => void flush(), EVERY_MS);
  };
  return {
    alert: (alert) => add(() => alerts.push(alert)),
    upload: (upload) => add(() => uploads.push(upload)),
    get dropped() {
      return dropped;
    },
    flush,
    close: flush,
  };
}

/** Posts reports to a controller's REST API. */
export function postReports(controllerUrl: string, token: string | undefined): SendReports {
  const post = async (path: string, body: object) => {
    const response = await fetch(new URL(`/api/v1${path}`, controllerUrl), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 200)}`);
  };
  return async ({ alerts, uploads }) => {
    if (alerts.length > 0) await post('/ids/alerts', { alerts });
    if (uploads.length > 0) await post('/uploads', { uploads });
  };
}
