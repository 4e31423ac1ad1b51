import { expect, it } from 'vitest';
import { ejectedByService } from './ejections.ts';

const series = (cluster: string, latest: number | null) => ({
  labels: { envoy_cluster_name: cluster },
  latest,
  values: [latest],
});

it('takes the newest value of each service, the most that one proxy leaves out', () => {
  const found = ejectedByService([
    series('outbound|9180||a.default.svc.cluster.local', 2),
    series('outbound|9180|v1|a.default.svc.cluster.local', 1),
    series('outbound|9180||b.default.svc.cluster.local', 0),
    series('inbound|9180||', 1),
    series('xds-grpc', 1),
  ]);
  expect([...found]).toEqual([['a', 2]]);
});
