// To which namespaces a resource is shown.

import { dnsLabel } from './names.ts';
import type { Said, Say } from './say.ts';

/** `none`: whether `~` may stand, for nobody. */
export function checkExportTo(
  exportTo: readonly string[] | undefined,
  namespace: string,
  say: Say,
  { none = false, own = false } = {},
): void {
  const list = exportTo ?? [];
  const seen = new Set<string>();
  for (const [index, one] of list.entries()) {
    const path = ['spec', 'exportTo', index];
    const key = one === '.' ? namespace : one;
    say(
      path,
      seen.has(key)
        ? { code: 'twice', message: `${one} stands twice`, hint: 'keep one of them' }
        : target(one, none),
    );
    seen.add(key);
  }
  const alone = list.find((one) => one === '*' || (none && one === '~'));
  if (alone !== undefined && list.length > 1)
    say(['spec', 'exportTo'], {
      code: 'exclusive',
      message: `${alone} stands beside others, and says all by itself`,
      hint: `keep ${alone}, or leave it out`,
    });
  if (own && seen.size > 0 && (seen.size > 1 || !seen.has(namespace)))
    say(['spec', 'exportTo'], {
      code: 'place',
      message: 'a rule for chosen workloads holds in its own namespace only',
      hint: "write exportTo: ['.']",
    });
}

function target(one: string, none: boolean): Said | undefined {
  if (one === '.' || one === '*' || (none && one === '~')) return undefined;
  return dnsLabel('a namespace', one);
}
