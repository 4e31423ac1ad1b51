import type { VisibilityStatus } from '@clover/model';
import { serviceNames, type Queryable } from '@clover/store';

/** The services that are tracked; all that are known when none was named. */
export async function trackedServices(
  store: Queryable,
  { services }: VisibilityStatus,
): Promise<readonly string[]> {
  return services.length > 0 ? services : serviceNames(store);
}
