import type { AbsentHeaders, CallerFinder, RoutingTable } from '@clover/traffic';

/** What it takes to decide recorded requests. */
export interface Decider {
  readonly table: RoutingTable;
  readonly finder: CallerFinder;
  readonly absent: AbsentHeaders;
}
