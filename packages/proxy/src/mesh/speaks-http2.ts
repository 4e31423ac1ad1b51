import { isHttp2, resolveHost, type RoutingTable } from '@clover/traffic';
import type { Workload } from '../workload.ts';

/** Whether a workload's program speaks HTTP/2 behind a port, by what its service says of the port. */
export function speaksHttp2(table: RoutingTable, owner: Workload, servicePort: number): boolean {
  const service = table.services.get(resolveHost(owner.service, owner.namespace));
  const port = service?.ports.find(({ number }) => number === servicePort);
  return port !== undefined && isHttp2(port.protocol);
}
