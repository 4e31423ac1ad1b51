// What VirtualServices say about where requests go, rule by rule, for people to read.

import type { TrafficResource } from '@clover/model';

export interface DeclaredDestination {
  /** `http-lb v1`. */
  readonly name: string;
  readonly weight: number;
  /** 0..1 */
  readonly share: number;
}

export interface DeclaredRoute {
  /** `default/http-lb`, as answers of the API name it. */
  readonly virtualService: string;
  readonly resource: TrafficResource;
  readonly ruleIndex: number;
  readonly ruleName: string;
  readonly hosts: readonly string[];
  /** `/test*, user-agent ~ .*Chrome.*`; `everything else` without matches. */
  readonly when: string;
  readonly destinations: readonly DeclaredDestination[];
  /** What else the rule does: `mirror 10 % to snort-ids`. */
  readonly also: readonly string[];
}

interface Destination {
  readonly host?: string;
  readonly subset?: string;
}
interface Percentage {
  readonly value?: number;
}
interface Rule {
  readonly name?: string;
  readonly match?: readonly Record<string, unknown>[];
  readonly route?: readonly { readonly destination?: Destination; readonly weight?: number }[];
  readonly mirror?: Destination;
  readonly mirrorPercentage?: Percentage;
  readonly mirrors?: readonly {
    readonly destination?: Destination;
    readonly percentage?: Percentage;
  }[];
  readonly fault?: {
    readonly abort?: { readonly httpStatus?: number; readonly percentage?: Percentage };
    readonly delay?: { readonly fixedDelay?: string; readonly percentage?: Percentage };
  };
  readonly redirect?: { readonly uri?: string; readonly authority?: string };
  readonly directResponse?: { readonly status?: number };
  readonly delegate?: { readonly name?: string };
  readonly timeout?: string;
}

/** The HTTP rules of all VirtualServices among the resources, in their order. */
export function declaredRoutes(resources: readonly TrafficResource[]): DeclaredRoute[] {
  return resources
    .filter((one) => one.kind === 'VirtualService')
    .flatMap((resource) => {
      // The API has checked it against the CRD.
      const spec = resource.spec as { hosts?: string[]; http?: Rule[] };
      return (spec.http ?? []).map((rule, ruleIndex): DeclaredRoute => ({
        virtualService: `${resource.namespace}/${resource.name}`,
        resource,
        ruleIndex,
        ruleName: rule.name ?? '',
        hosts: spec.hosts ?? [],
        when: whenOf(rule),
        destinations: destinationsOf(rule),
        also: alsoOf(rule),
      }));
    });
}

export function destinationName({ host = '', subset }: Destination): string {
  const short = host.replace(/\.svc\.cluster\.local$/, '').replace(/\.default$/, '');
  return subset === undefined || subset === '' ? short : `${short} ${subset}`;
}

function destinationsOf({ route = [] }: Rule): DeclaredDestination[] {
  const only = route.length === 1;
  const sum = route.reduce((all, one) => all + (one.weight ?? 0), 0);
  return route.map(({ destination = {}, weight }) => ({
    name: destinationName(destination),
    weight: only ? (weight ?? 100) : (weight ?? 0),
    share: only ? 1 : sum > 0 ? (weight ?? 0) / sum : 0,
  }));
}

function whenOf({ match = [] }: Rule): string {
  if (match.length === 0) return 'everything else';
  return match
    .map((block) => {
      const parts = Object.entries(block).flatMap(([key, value]) => partsOf(key, value));
      return parts.length === 0 ? 'anything' : parts.join(', ');
    })
    .join(' or ');
}

function partsOf(key: string, value: unknown): string[] {
  if (key === 'name' || key === 'statPrefix' || key === 'ignoreUriCase') return [];
  if (key === 'headers' || key === 'queryParams' || key === 'withoutHeaders') {
    const not = key === 'withoutHeaders' ? 'not ' : '';
    const mark = key === 'queryParams' ? '?' : '';
    return Object.entries(value as Record<string, unknown>).map(
      ([name, one]) => `${not}${mark}${name}${matchText(one)}`,
    );
  }
  if (key === 'uri')
    return [
      matchText(value)
        .replace(/^ [=~] /, '')
        .trim(),
    ];
  if (Array.isArray(value)) return [`${key} ${value.join(', ')}`];
  if (key === 'sourceLabels')
    return Object.entries(value as Record<string, string>).map(
      ([name, one]) => `from ${name}=${one}`,
    );
  return [`${key}${typeof value === 'object' ? matchText(value) : ` ${String(value)}`}`];
}

function matchText(value: unknown): string {
  const { exact, prefix, regex } = (value ?? {}) as Record<string, string | undefined>;
  if (exact !== undefined) return ` = ${exact}`;
  if (prefix !== undefined) return ` ${prefix}*`;
  return regex === undefined ? ' is there' : ` ~ ${regex}`;
}

function alsoOf(rule: Rule): string[] {
  const { fault, redirect, directResponse, delegate, timeout } = rule;
  const mirrors = [
    ...(rule.mirror ? [{ destination: rule.mirror, percentage: rule.mirrorPercentage }] : []),
    ...(rule.mirrors ?? []),
  ];
  const share = (one: Percentage | undefined) => `${one?.value ?? 100} %`;
  return [
    ...mirrors.map(
      (one) => `mirrors ${share(one.percentage)} to ${destinationName(one.destination ?? {})}`,
    ),
    ...(fault?.abort
      ? [`aborts ${share(fault.abort.percentage)} with ${fault.abort.httpStatus}`]
      : []),
    ...(fault?.delay
      ? [`delays ${share(fault.delay.percentage)} by ${fault.delay.fixedDelay}`]
      : []),
    ...(redirect ? [`redirects to ${redirect.authority ?? ''}${redirect.uri ?? ''}`] : []),
    ...(directResponse ? [`answers ${directResponse.status} itself`] : []),
    ...(delegate ? [`delegates to ${delegate.name}`] : []),
    ...(timeout === undefined ? [] : [`timeout ${timeout}`]),
  ];
}
