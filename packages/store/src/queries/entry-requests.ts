// Requests that come from outside: those of services that no service which itself gets requests has called.
// The sum over services counts a request once at every hop; this is what users ask for.
import type { EdgeGroup } from './edge-groups.ts';
import type { ServiceRed } from './service-red.ts';

/**
 * Server-side requests less the calls that show as arrivals from services with requests of their own. A
 * caller that only calls (a traced browser, a load generator) is outside. Never below 0. Pure.
 */
export function entryRequests(
  served: readonly Pick<ServiceRed, 'service' | 'server' | 'byEntry'>[],
  calls: readonly EdgeGroup[],
): number {
  const serving = new Map(served.flatMap((one) => (one.server ? [[one.service, one]] : [])));
  const all = served.reduce((sum, one) => sum + (one.server?.requests ?? 0), 0);
  const inner = calls
    .filter((call) => serving.has(call.from))
    .reduce((sum, call) => sum + countedIn(serving.get(call.to), call), 0);
  return Math.max(0, all - inner);
}

/** The arrivals of a call that stand among the callee's requests: not those that only an inner span shows. */
function countedIn(callee: Pick<ServiceRed, 'byEntry'> | undefined, call: EdgeGroup): number {
  if (callee === undefined) return 0;
  if (callee.byEntry) return call.arrivals;
  return call.callee.sketch.weights.reduce((sum, weight) => sum + weight, 0);
}
