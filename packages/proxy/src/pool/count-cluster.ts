import type { Cluster } from '../upstream/cluster.ts';

/** A counter of a cluster that only its pool knows of. */
export type CountCluster = (
  cluster: Cluster,
  name:
    | 'upstream_cx_connect_fail'
    | 'upstream_cx_connect_timeout'
    | 'upstream_cx_idle_timeout'
    | 'upstream_cx_max_requests'
    | 'upstream_cx_overflow'
    | 'upstream_rq_pending_total',
) => void;
