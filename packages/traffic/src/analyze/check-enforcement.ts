// Fields that Istio takes and the built-in data plane does not enforce: said, never dropped in silence.

import { CRD_SCHEMAS } from '../gen/crd-schemas.ts';
import type { FieldPath } from '../read/check-fields.ts';
import type { FieldSchema } from '../read/field-schema.ts';
import { SERVICE_SCHEMA } from '../read/service-schema.ts';
import { PROBE_ANNOTATION, probeFault } from '../readiness-probe.ts';
import type { Resource } from '../resource.ts';
import { isClaim } from '../validate/http-match.ts';
import type { Report } from './analyze.ts';
import { ENFORCEMENT } from './enforcement.ts';

export function checkEnforcement(resources: readonly Resource[], report: Report): void {
  for (const resource of resources) {
    const table = ENFORCEMENT[resource.kind];
    const schema = resource.kind === 'Service' ? SERVICE_SCHEMA : CRD_SCHEMAS[resource.kind];
    checkProbe(resource, report);
    checkClaims(resource, report);
    if (!table || !schema) continue;
    const walk = (
      value: unknown,
      one: FieldSchema | undefined,
      at: { path: FieldPath; field: string },
    ): void => {
      const found = Object.hasOwn(table, at.field) ? table[at.field]! : 'enforced';
      if (found !== 'enforced') {
        if (found.of && !found.of(value)) return;
        const name = at.path.findLast((step) => typeof step === 'string');
        const shown = found.of ? `${name} ${JSON.stringify(value)}` : name;
        report(resource, at.path, {
          code: 'CLV420',
          severity: found.severity,
          message: `${shown} is not enforced by the built-in data plane: ${found.instead}`,
        });
        return;
      }
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        const item = Array.isArray(value);
        const known =
          one?.properties && Object.hasOwn(one.properties, key) ? one.properties[key] : undefined;
        const name = known ? `.${key}` : '{}';
        walk(inner, item ? one?.items : (known ?? one?.additionalProperties), {
          path: [...at.path, item ? Number(key) : key],
          field: item ? `${at.field}[]` : at.field === '' ? key : at.field + name,
        });
      }
    };
    walk(resource.spec, schema, { path: ['spec'], field: '' });
  }
}

function checkProbe(resource: Resource, report: Report): void {
  const fault = probeFault(resource.metadata);
  if (fault === undefined) return;
  report(resource, ['metadata', 'annotations', PROBE_ANNOTATION], {
    code: 'CLV118',
    severity: 'error',
    message: `${PROBE_ANNOTATION} asks for no health check: ${fault}`,
    hint: "write '{httpGet: {path: /healthz, port: 8080}, periodSeconds: 5}'",
  });
}

/** Tokens are not checked, so that no request has claims. */
function checkClaims(resource: Resource, report: Report): void {
  if (resource.kind !== 'VirtualService') return;
  for (const [index, rule] of (resource.spec.http ?? []).entries())
    for (const [at, match] of (rule.match ?? []).entries())
      for (const field of ['headers', 'withoutHeaders'] as const)
        for (const name of Object.keys(match[field] ?? {}))
          if (isClaim(name))
            report(resource, ['spec', 'http', index, 'match', at, field, name], {
              code: 'CLV420',
              severity: 'warning',
              message: `${name} is not enforced by the built-in data plane: tokens are not looked at, so that no request has the claim`,
            });
}
