// Valid rules that do not say what they seem to say: weights, redirects, prefixes, inverted headers.

import type { FieldPath } from '../read/check-fields.ts';
import type { HttpMatch, HttpRoute, Resource, VirtualService } from '../resource.ts';
import type { Report } from './analyze.ts';

const REDIRECT_CODES = [301, 302, 303, 307, 308];

export function checkMatches(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    if (resource.kind !== 'VirtualService') continue;
    const rules = resource.spec.http ?? [];
    for (const [index, rule] of rules.entries()) {
      const path: FieldPath = ['spec', 'http', index];
      checkRedirect(resource, rule, path, report);
      checkWeights(resource, rule, path, report);
      for (const [block, match] of (rule.match ?? []).entries())
        checkBlock(resource, match, [...path, 'match', block], report);
    }
  }
}

function checkRedirect(
  resource: VirtualService,
  rule: HttpRoute,
  path: FieldPath,
  report: Report,
): void {
  const code = rule.redirect?.redirectCode;
  if (code && code >= 300 && code < 400 && !REDIRECT_CODES.includes(code)) {
    report(resource, [...path, 'redirect', 'redirectCode'], {
      code: 'CLV304',
      severity: 'error',
      message: `a redirect with ${code} does nothing: the rule is dropped`,
      hint: `use one of ${REDIRECT_CODES.join(', ')}`,
    });
  }
}

function checkWeights(
  resource: VirtualService,
  rule: HttpRoute,
  path: FieldPath,
  report: Report,
): void {
  const routes = rule.route ?? [];
  const total = routes.reduce((sum, one) => sum + (one.weight ?? 0), 0);
  if (routes.length === 1 && routes[0]!.weight !== undefined && routes[0]!.weight !== 100) {
    report(resource, [...path, 'route', 0, 'weight'], {
      code: 'CLV303',
      severity: 'warning',
      message: `weight ${routes[0]!.weight} does nothing: the only destination gets all requests`,
    });
  }
  if (routes.length < 2 || total === 0) return;
  for (const [index, one] of routes.entries()) {
    if ((one.weight ?? 0) > 0) continue;
    report(resource, [...path, 'route', index], {
      code: 'CLV314',
      severity: 'info',
      message: `${one.destination.host} gets no requests here: its weight is ${one.weight ?? 'missing'}`,
    });
  }
  if (total !== 100) {
    const shares = routes.map(
      (one) =>
        `${one.destination.subset ?? one.destination.host} ${(((one.weight ?? 0) / total) * 100).toFixed(1)} %`,
    );
    report(resource, [...path, 'route'], {
      code: 'CLV315',
      severity: 'info',
      message: `the weights sum to ${total}: ${shares.join(', ')}`,
    });
  }
}

function checkBlock(
  resource: VirtualService,
  match: HttpMatch,
  path: FieldPath,
  report: Report,
): void {
  const prefix = match.uri?.prefix;
  if (prefix && prefix !== '/' && !prefix.endsWith('/') && !/\.\w+$/.test(prefix)) {
    report(resource, [...path, 'uri', 'prefix'], {
      code: 'CLV302',
      severity: 'info',
      message: `prefix ${prefix} also matches ${prefix}s and ${prefix}-old`,
      hint: `for whole segments write two blocks: exact ${prefix} and prefix ${prefix}/`,
    });
  }
  for (const [name, one] of Object.entries(match.withoutHeaders ?? {})) {
    if (one?.regex !== '.*') continue;
    report(resource, [...path, 'withoutHeaders', name], {
      code: 'CLV305',
      severity: 'error',
      message: `this never matches: a missing ${name} counts as empty, and .* takes the empty text`,
      hint: `for "has no ${name}" write ${name}: {}`,
    });
  }
  if (match.gateways && (match.sourceLabels || match.sourceNamespace)) {
    const ignored = match.sourceLabels ? 'sourceLabels' : 'sourceNamespace';
    report(resource, [...path, ignored], {
      code: 'CLV316',
      severity: 'warning',
      message: `${ignored} is ignored because gateways stands in the same block`,
    });
  }
  for (const name of ['uri', 'scheme', 'method', 'authority']) {
    if (match.headers && name in match.headers) {
      report(resource, [...path, 'headers', name], {
        code: 'CLV317',
        severity: 'warning',
        message: `a header called ${name} is ignored`,
        hint: `use the field ${name} of the block`,
      });
    }
  }
}
