// What a table says of each kind of resource.
import type { TrafficResource } from '@clover/model';
import { textColumn } from '../../output/columns.ts';
import type { Column } from '../../output/table.ts';

type Row = TrafficResource;

const column = (title: string, of: (spec: Record<string, unknown>) => unknown): Column<Row> =>
  textColumn(title, (row) => listText(of(row.spec)), { shrinkTo: 12 });

const COLUMNS: Readonly<Record<string, readonly Column<Row>[]>> = {
  VirtualService: [
    column('GATEWAYS', (spec) => spec['gateways'] ?? ['mesh']),
    column('HOSTS', (spec) => spec['hosts']),
  ],
  DestinationRule: [
    column('HOST', (spec) => spec['host']),
    column('SUBSETS', (spec) => listOf(spec['subsets'], 'name')),
  ],
  Gateway: [
    column('PORTS', (spec) =>
      asList(spec['servers']).map((one) => {
        const port = (one['port'] ?? {}) as Record<string, unknown>;
        return `${String(port['number'])}/${String(port['protocol'])}`;
      }),
    ),
    column('HOSTS', (spec) => asList(spec['servers']).flatMap((one) => one['hosts'] ?? [])),
  ],
  ServiceEntry: [
    column('HOSTS', (spec) => spec['hosts']),
    column('LOCATION', (spec) => spec['location'] ?? 'MESH_EXTERNAL'),
    column('RESOLUTION', (spec) => spec['resolution'] ?? 'NONE'),
  ],
  WorkloadEntry: [
    column('ADDRESS', (spec) => spec['address']),
    column('LABELS', (spec) => labelTexts(spec['labels'])),
  ],
  Service: [
    column('PORTS', (spec) => listOf(spec['ports'], 'port')),
    column('SELECTOR', (spec) => labelTexts(spec['selector'])),
  ],
  Secret: [
    column('TYPE', (spec) => spec['type'] ?? 'Opaque'),
    column('KEYS', (spec) => ['data', 'stringData'].flatMap((one) => Object.keys(spec[one] ?? {}))),
  ],
  HTTPRoute: [column('HOSTNAMES', (spec) => spec['hostnames'])],
  GRPCRoute: [column('HOSTNAMES', (spec) => spec['hostnames'])],
};

export const columnsOf = (kind: string): readonly Column<Row>[] => COLUMNS[kind] ?? [];

const asList = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
const listOf = (value: unknown, key: string): unknown[] => asList(value).map((one) => one[key]);
const labelTexts = (value: unknown): string[] =>
  Object.entries((value ?? {}) as Record<string, string>).map(([key, one]) => `${key}=${one}`);
const listText = (value: unknown): string =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String).join(',');
