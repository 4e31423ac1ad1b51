// VirtualServices: hosts, gateways, delegates, and rules for connections.

import type { FieldPath } from '../read/check-fields.ts';
import type { L4RouteDestination, VirtualService } from '../resource.ts';
import { hostCovers, isSubset } from '../host.ts';
import { checkWeighted } from './destinations.ts';
import { checkExportTo } from './export-to.ts';
import { checkSource, isClaim } from './http-match.ts';
import { checkHttpRule } from './http-rule.ts';
import { ipOrRange, isIp } from './ip.ts';
import { gatewayReference, host } from './names.ts';
import type { Said, Say } from './say.ts';

export function checkVirtualService({ spec, metadata }: VirtualService, say: Say): void {
  const { hosts = [], gateways = [], http = [], tcp = [], tls = [] } = spec;
  const inDelegate = hosts.length === 0;
  const inMesh = gateways.length === 0 || gateways.includes('mesh');
  if (inDelegate) checkDelegate(spec, say);
  if (http.length + tcp.length + tls.length === 0)
    say(['spec'], {
      code: 'saysNothing',
      message: 'this VirtualService says nothing: it has neither http, tcp nor tls',
      hint: 'add rules',
    });
  for (const [index, name] of gateways.entries())
    say(['spec', 'gateways', index], gatewayReference(name));
  checkHosts(spec, inMesh, say);
  if (inMesh) checkClaims(spec, say);
  for (const [index, rule] of http.entries())
    checkHttpRule(rule, ['spec', 'http', index], { say, inDelegate });
  for (const [index, rule] of tcp.entries()) {
    const path: FieldPath = ['spec', 'tcp', index];
    checkRoutes(rule.route, path, say);
    for (const [at, match] of (rule.match ?? []).entries()) {
      checkSource(match, [...path, 'match', at], say);
      checkSubnets(match.destinationSubnets, [...path, 'match', at], say);
    }
  }
  for (const [index, rule] of tls.entries()) {
    const path: FieldPath = ['spec', 'tls', index];
    checkRoutes(rule.route, path, say);
    if (!rule.match?.length)
      say(path, {
        code: 'missing',
        message: 'a tls rule needs a match',
        hint: 'add match: [{sniHosts: […]}]',
      });
    for (const [at, match] of (rule.match ?? []).entries()) {
      const where = [...path, 'match', at];
      checkSource(match, where, say);
      checkSubnets(match.destinationSubnets, where, say);
      if (!match.sniHosts?.length)
        say(where, {
          code: 'missing',
          message: 'this block names no server name',
          hint: 'add sniHosts',
        });
      for (const [place, name] of (match.sniHosts ?? []).entries())
        say([...where, 'sniHosts', place], serverName(name, hosts));
    }
  }
  checkExportTo(spec.exportTo, metadata.namespace, say);
}

function checkDelegate(
  { gateways = [], tcp = [], tls = [] }: VirtualService['spec'],
  say: Say,
): void {
  for (const [field, list] of [
    ['gateways', gateways],
    ['tcp', tcp],
    ['tls', tls],
  ] as const) {
    if (list.length > 0)
      say(['spec', field], {
        code: 'place',
        message: `${field} cannot stand in a delegate, as a VirtualService without hosts is one`,
        hint:
          field === 'gateways'
            ? 'leave it out: the root has them; or add hosts'
            : 'add hosts, or leave it out',
      });
  }
}

function checkHosts({ hosts = [] }: VirtualService['spec'], inMesh: boolean, say: Say): void {
  let sound = true;
  for (const [index, name] of hosts.entries()) {
    const said: Said | undefined =
      inMesh && name === '*'
        ? {
            code: 'meshWildcard',
            message: 'host * is not allowed in the mesh',
            hint: 'name the hosts, or bind it to gateways only',
          }
        : isIp(name) || name.startsWith('outbound_.')
          ? undefined
          : host(name);
    say(['spec', 'hosts', index], said);
    sound &&= !said;
  }
  if (!sound) return;
  for (const [index, name] of hosts.entries()) {
    const other = hosts.slice(0, index).find((one) => overlap(one, name));
    if (other !== undefined)
      say(['spec', 'hosts', index], {
        code: 'twice',
        message:
          other === name ? `host ${name} stands twice` : `host ${name} overlaps with ${other}`,
        hint: 'keep one of them, or make two VirtualServices',
      });
  }
}

/** As Istio compares hosts of one VirtualService: as they are written. */
const overlap = (a: string, b: string) =>
  hostCovers(a, b) || hostCovers(b, a) || (a.startsWith('*') && isSubset(b, a));

function checkClaims({ http = [] }: VirtualService['spec'], say: Say): void {
  for (const [index, rule] of http.entries())
    for (const [at, match] of (rule.match ?? []).entries())
      for (const field of ['headers', 'withoutHeaders'] as const)
        for (const name of Object.keys(match[field] ?? {}))
          if (isClaim(name))
            say(['spec', 'http', index, 'match', at, field, name], {
              code: 'place',
              message: 'claims of a JWT are for gateways only',
              hint: 'bind the VirtualService to gateways, without mesh',
            });
}

function checkRoutes(
  route: readonly L4RouteDestination[] | undefined,
  path: FieldPath,
  say: Say,
): void {
  if (!route?.length)
    say(path, {
      code: 'noAction',
      message: 'this rule does nothing: it has no route',
      hint: 'add route',
    });
  checkWeighted(route, [...path, 'route'], say);
}

function checkSubnets(subnets: readonly string[] | undefined, path: FieldPath, say: Say): void {
  for (const [index, one] of (subnets ?? []).entries())
    say([...path, 'destinationSubnets', index], ipOrRange(one));
}

function serverName(name: string, hosts: readonly string[]): Said | undefined {
  if (isIp(name))
    return {
      code: 'name',
      severity: 'warning',
      message: `${name} is an address, which clients do not send as server name`,
    };
  const said = name.startsWith('outbound_.') ? undefined : host(name);
  if (said || hosts.some((one) => isSubset(name, one))) return said;
  return {
    code: 'place',
    message: `${name} lies within none of the hosts (${hosts.join(', ')})`,
    hint: 'add it to hosts',
  };
}
