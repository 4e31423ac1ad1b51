import type { IdsAlert } from '@clover/model';
import type { ExaminedRequest } from './buffers.ts';
import type { Rule } from './rule.ts';

/** What is told of a rule that matched; long texts are cut. */
export function alertOf(
  rule: Rule,
  request: ExaminedRequest,
  where: {
    readonly id: string;
    readonly timeMs: number;
    readonly sensor: string;
    readonly traceId: string;
  },
): IdsAlert {
  const header = (name: string) => {
    const at = request.rawHeaders.findIndex(
      (one, index) => index % 2 === 0 && one.toLowerCase() === name,
    );
    return at === -1 ? '' : request.rawHeaders[at + 1]!;
  };
  return {
    id: where.id,
    time: new Date(where.timeMs).toISOString(),
    sensor: where.sensor.slice(0, 200),
    gid: rule.gid,
    sid: rule.sid,
    rev: rule.rev,
    msg: rule.msg.slice(0, 2000),
    classtype: rule.classtype.slice(0, 200),
    priority: rule.priority,
    references: rule.references.slice(0, 100).map((one) => one.slice(0, 2000)),
    protocol: rule.protocol,
    sourceAddress: request.sourceAddress.slice(0, 100),
    sourcePort: request.sourcePort,
    destinationAddress: request.destinationAddress.slice(0, 100),
    destinationPort: request.destinationPort,
    method: request.method.slice(0, 100),
    host: header('host').slice(0, 2000),
    url: request.target.slice(0, 8000),
    userAgent: header('user-agent').slice(0, 8000),
    traceId: where.traceId,
  };
}
