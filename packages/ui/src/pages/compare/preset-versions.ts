import type { ServiceSummary } from '@clover/model';

const NUMBERED = new Intl.Collator('en', { numeric: true });

/**
 * Two versions to begin with, the older as A: of the chosen service, else of the busiest that has two, which
 * is then chosen. Undefined when there is none.
 */
export function presetVersions(
  services: readonly Pick<ServiceSummary, 'service' | 'versions' | 'requests'>[],
  chosen: string,
): { readonly service: string; readonly a: string; readonly b: string } | undefined {
  const [first] = services
    .filter(({ service }) => chosen === '' || service === chosen)
    .map(({ service, versions, requests }) => ({
      service,
      requests,
      versions: versions.filter((one) => one !== '').toSorted(NUMBERED.compare),
    }))
    .filter(({ versions }) => versions.length > 1)
    .toSorted((one, other) => other.requests - one.requests);
  if (!first) return undefined;
  const [a, b] = first.versions.slice(-2);
  return { service: first.service, a: a!, b: b! };
}
