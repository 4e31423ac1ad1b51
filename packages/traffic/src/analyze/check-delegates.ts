// Delegates that nobody delegates to, roots that delegate to none, and rules that are dropped on the way.

import { joinMatches } from '../delegate.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

export function checkDelegates(resources: readonly Resource[], report: Report): void {
  const all = resources.filter((one): one is VirtualService => one.kind === 'VirtualService');
  const named = new Map(all.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  const used = new Set<VirtualService>();
  for (const root of all.filter(({ spec }) => spec.hosts?.length)) {
    for (const [index, rule] of (root.spec.http ?? []).entries()) {
      if (!rule.delegate) continue;
      const name = `${rule.delegate.namespace ?? root.metadata.namespace}/${rule.delegate.name}`;
      const delegate = named.get(name);
      if (!delegate) continue; // a reference that leads nowhere: CLV204
      used.add(delegate);
      const path: FieldPath = ['spec', 'http', index, 'delegate'];
      if (delegate.spec.hosts?.length)
        report(root, path, {
          code: 'CLV214',
          severity: 'error',
          message: `VirtualService ${name} has hosts, so it is no delegate and this rule is dropped`,
          hint: 'take its hosts and gateways out',
        });
      else
        for (const [at, inner] of (delegate.spec.http ?? []).entries())
          if (!joinMatches(rule.match ?? [], inner.match ?? []))
            report(delegate, ['spec', 'http', at], {
              code: 'CLV308',
              severity: 'warning',
              message: `this rule is dropped: a block of it does not lie within what VirtualService ${root.metadata.namespace}/${root.metadata.name} http[${index}] delegates`,
              hint: 'ask for a part of what the root asks for; a regular expression on both sides cannot be compared',
            });
    }
  }
  for (const one of all)
    if (!one.spec.hosts?.length && !used.has(one))
      report(one, ['spec'], {
        code: 'CLV215',
        severity: 'warning',
        message:
          'nobody delegates to this VirtualService, and without hosts it does nothing by itself',
        hint: 'add hosts, or a rule with delegate elsewhere',
      });
}
