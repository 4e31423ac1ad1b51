// Alerts and uploads as rows.

import type { IdsAlert, UploadReport } from '@clover/model';
import type { Engine } from './engine/engine.ts';

export function writeAlerts(engine: Engine, alerts: readonly IdsAlert[]): Promise<void> {
  return engine.insertRows(
    'ids_alerts',
    alerts.map((one) => ({
      time: one.time,
      id: one.id,
      sensor: one.sensor,
      gid: one.gid,
      sid: one.sid,
      rev: one.rev,
      msg: one.msg,
      classtype: one.classtype,
      priority: one.priority,
      references: one.references,
      protocol: one.protocol,
      source_address: one.sourceAddress,
      source_port: one.sourcePort,
      destination_address: one.destinationAddress,
      destination_port: one.destinationPort,
      method: one.method,
      host: one.host,
      url: one.url,
      user_agent: one.userAgent,
      trace_id: one.traceId,
    })),
  );
}

export function writeUploads(engine: Engine, uploads: readonly UploadReport[]): Promise<void> {
  return engine.insertRows(
    'uploads',
    uploads.map((one) => ({
      time: one.time,
      server: one.server,
      name: one.name,
      content_type: one.contentType,
      path: one.path,
      md5: one.md5,
      size_bytes: one.sizeBytes,
    })),
  );
}
