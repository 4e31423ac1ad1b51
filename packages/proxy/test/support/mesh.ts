// A small mesh for tests: one client workload, one gateway, and servers that do as they are told.

import { createServer, type RequestListener, type Server } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { readResources } from '@clover/traffic';
import type { ConnectionLimits } from '../../src/downstream/connection-limits.ts';
import type { DataPlane, DataPlaneConfig } from '../../src/data-plane.ts';
import { createDataPlane } from '../../src/mesh/create-data-plane.ts';
import type { Identities } from '../../src/identity/identities.ts';
import type { RequestRecord } from '../../src/request-record.ts';
import { createSampler } from '../../src/telemetry/sampling.ts';
import type { Workload } from '../../src/workload.ts';
import { RawClient } from './raw-client.ts';

export const CLIENT: Workload = {
  name: 'client',
  namespace: 'default',
  service: 'client',
  labels: { app: 'client', version: 'v1' },
  serviceAccount: 'default',
  address: '127.0.0.1',
  ports: {},
};
const GATEWAY = {
  name: 'gateway',
  namespace: 'default',
  labels: { istio: 'ingressgateway' },
  ports: { 80: 0 },
};

export interface Mesh {
  readonly plane: DataPlane;
  /** Copies of what was recorded, in order. */
  readonly records: RequestRecord[];
  apply(yaml: string, more?: Partial<DataPlaneConfig>): Promise<void>;
  port(direction: string, owner?: string): { address: string; port: number };
  /** A connection to the client's outbound listener, or to the gateway. */
  client(direction?: string, owner?: string): RawClient;
  /** A server with HTTP; gives its port. */
  http(listener: RequestListener): Promise<number>;
  /** A server that speaks for itself. */
  tcp(onSocket: (socket: Socket) => void): Promise<number>;
  close(): Promise<void>;
}

export async function startMesh(
  options: {
    limits?: Partial<ConnectionLimits>;
    random?: () => number;
    onRecord?: (record: RequestRecord) => void;
    shadowHostSuffix?: boolean;
    identities?: Identities;
    credentials?: string;
  } = {},
): Promise<Mesh> {
  const records: RequestRecord[] = [];
  const clients: RawClient[] = [];
  const servers: (Server | TcpServer)[] = [];
  const sockets = new Set<Socket>();
  const { onRecord = () => {}, ...others } = options;
  const plane = createDataPlane({
    drainMs: 300,
    ...others,
    lookup: (host, _, done) =>
      setImmediate(done, Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 4),
    sink: {
      sampler: createSampler(0),
      record(one) {
        records.push({ ...one });
        onRecord(one);
      },
    },
  });
  const listen = async (server: Server | TcpServer) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    });
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  const mesh: Mesh = {
    plane,
    records,
    async apply(yaml, more = {}) {
      const { resources, findings } = readResources([{ name: 'test.yaml', text: yaml }]);
      const errors = findings.filter((one) => one.severity === 'error');
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      await plane.apply({ resources, workloads: [CLIENT], gateways: [GATEWAY], ...more });
    },
    port(direction, owner = direction === 'gateway' ? 'default/gateway' : 'default/client') {
      const found = plane
        .addresses()
        .find((one) => one.direction === direction && one.owner === owner);
      if (!found) throw new Error(`no ${direction} listener of ${owner}`);
      return found;
    },
    client(direction = 'outbound', owner) {
      const { address, port } = mesh.port(direction, owner);
      const client = new RawClient(address, port);
      clients.push(client);
      return client;
    },
    http: (listener) => listen(createServer(listener)),
    tcp: (onSocket) => listen(createTcpServer(onSocket)),
    async close() {
      for (const one of clients) one.close();
      await plane.close();
      for (const one of sockets) one.destroy();
      await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
  return mesh;
}

/** A ServiceEntry for `NAME.default.svc.cluster.local:80` with these ports of 127.0.0.1 as its versions v1, v2, … */
export function service(name: string, ...ports: number[]): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints:
${ports.map((port, i) => `    - { address: 127.0.0.1, ports: { http: ${port} }, labels: { version: v${i + 1} } }`).join('\n')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
  trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }
  subsets: [${ports.map((_, i) => `{ name: v${i + 1}, labels: { version: v${i + 1} } }`).join(', ')}]
`;
}

/** A VirtualService for a host of the mesh with these rules. */
export function rules(name: string, http: string): string {
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}]
  http:
${http
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`;
}
