// The paths of 2018 that changed the sample services, and those that told of alerts and uploads.

import {
  type IdsAlert,
  IdsControl,
  IdsRuleSet,
  LoadBalancerSet,
  type Scope,
  ServerSet,
  UploadReport,
} from '@clover/model';
import { idsAlerts, uploads } from '@clover/store';
import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import type { AskContext, Gate } from '../routes/gate.ts';
import { parseBody } from '../routes/register.ts';
import type { ServicesControl } from '../services/services-control.ts';

/** As many as the original's Redis would have given in one answer that anybody could read. */
const LIMIT = 1000;

export function registerOriginalServicePaths(app: FastifyInstance, gate: Gate): void {
  // Uploads came as forms.
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  const verb = (
    path: string,
    run: (services: ServicesControl, body: unknown) => Promise<unknown>,
  ) =>
    app.route({
      method: ['GET', 'POST'],
      url: path,
      config: { role: 'operator', changes: true },
      handler: (request, reply) =>
        gate(request, reply, ({ deps }) => run(deps.services, request.body ?? request.query ?? {})),
    });
  verb('/nginx/lb', (services, body) => services.setLoadBalancer(parseBody(LoadBalancerSet, body)));
  verb('/nginx/server', (services, body) => services.setServer(parseBody(ServerSet, body)));
  verb('/snort/addrule', (services, body) => services.addRules(parseBody(IdsRuleSet, body)));
  verb('/snort/start', (services, body) => services.startIds(parseBody(IdsControl, body)));
  verb('/snort/stop', (services, body) => services.stopIds(parseBody(IdsControl, body)));
  verb('/upload', async (services, body) => {
    const reported = originalUploads(body as Record<string, unknown>, new Date());
    await services.takeUploads(reported);
    return { message: `${reported.length} file(s) reported` };
  });

  const read = (path: string, answer: (context: AskContext) => Promise<unknown>) =>
    app.route({
      method: ['GET', 'POST'],
      url: path,
      config: { role: 'viewer' },
      handler: (request, reply) => gate(request, reply, answer),
    });
  read('/snort/get_events', async ({ store, nowMs }) => {
    const { items } = await idsAlerts(store, everything(nowMs), { limit: LIMIT });
    return items.map(originalEvent);
  });
  read('/upload/get', async ({ store, nowMs }) => {
    const { items } = await uploads(store, everything(nowMs), { limit: LIMIT });
    return [...new Set(items.map(({ name, path, server }) => `${name}:${path}:${server}`))];
  });
}

const everything = (nowMs: number): Scope => ({ startMs: 0, endMs: nowMs + 1, filters: [] });

/** The fields of unified2's event records, under which alerts lay in Redis. */
function originalEvent(alert: IdsAlert) {
  const timeMs = Date.parse(alert.time);
  return {
    event_id: alert.id,
    'event-second': Math.floor(timeMs / 1000),
    'event-microsecond': (timeMs % 1000) * 1000,
    'generator-id': alert.gid,
    'signature-id': alert.sid,
    'signature-revision': alert.rev,
    classification: alert.classtype,
    priority: alert.priority,
    'source-ip': alert.sourceAddress,
    'destination-ip': alert.destinationAddress,
    'sport-itype': alert.sourcePort,
    'dport-icode': alert.destinationPort,
    protocol: alert.protocol,
    msg: alert.msg,
  };
}

/** `upload.name`, `upload.path`, `upload.server` (or file1… instead of upload), as nginx's module posted them. */
function originalUploads(form: Record<string, unknown>, now: Date): UploadReport[] {
  const text = (key: string): string => (typeof form[key] === 'string' ? form[key] : '');
  return ['upload', 'file1', 'file2', 'file3', 'file4', 'file5', 'file6'].flatMap((field) => {
    const name = text(`${field}.name`);
    if (name === '') return [];
    const path = text(`${field}.path`);
    const md5 = text(`${field}.md5`);
    return [
      parseBody(UploadReport, {
        time: now.toISOString(),
        server: text(`${field}.server`),
        name,
        contentType: text(`${field}.content_type`) || 'application/octet-stream',
        path,
        // One that came without is told apart by its place.
        md5: /^[0-9a-f]{32}$/.test(md5) ? md5 : createHash('md5').update(`${path}`).digest('hex'),
        sizeBytes: Number(text(`${field}.size`)) || 0,
      }),
    ];
  });
}
