// Whether a request is one that an AuthorizationPolicy's rule is about.

import { isInRange, parseIp, parseIpRange } from '../connection/ip.ts';
import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationRule,
  AuthorizationSource,
} from './authorization-policy.ts';

/** What a rule may look at. */
export interface AuthorizationSubject {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly authority: string;
  readonly port: number;
  /** By name in lower case. */
  header(name: string): string | undefined;
  /** The other end of the connection. */
  readonly sourceIp: string;
  /** The client as far as proxies before are trusted. */
  readonly remoteIp: string;
  /** SPIFFE id without `spiffe://`; '' when nobody is known. */
  readonly principal: string;
  readonly serverName: string;
}

/** All of `from`, `to` and `when` that a rule has; any entry of the first two. */
export function ruleMatches(rule: AuthorizationRule, subject: AuthorizationSubject): boolean {
  return (
    (!rule.from?.length || rule.from.some((one) => sourceMatches(one.source ?? {}, subject))) &&
    (!rule.to?.length || rule.to.some((one) => operationMatches(one.operation ?? {}, subject))) &&
    (rule.when ?? []).every((one) => conditionMatches(one, subject))
  );
}

/**
 * Keys of `source`, `operation` and `when` that cannot be looked at. They count as met, so that a request is
 * rather asked about than let through.
 */
export function unknownConditions(rule: AuthorizationRule): string[] {
  const fields = [
    ...(rule.from ?? []).flatMap((one) => Object.keys(one.source ?? {})),
    ...(rule.to ?? []).flatMap((one) => Object.keys(one.operation ?? {})),
  ];
  const keys = (rule.when ?? []).map((one) => one.key);
  return [
    ...fields.filter((name) => !FIELDS.has(name)),
    ...keys.filter((key) => valueOf(key, NOBODY) === undefined && !HEADER_KEY.test(key)),
  ];
}

function sourceMatches(source: AuthorizationSource, subject: AuthorizationSubject): boolean {
  const namespace = /\/ns\/([^/]+)\//.exec(subject.principal)?.[1] ?? '';
  return (
    allows(source.principals, source.notPrincipals, (one) => textMatches(one, subject.principal)) &&
    allows(source.namespaces, source.notNamespaces, (one) => textMatches(one, namespace)) &&
    allows(source.ipBlocks, source.notIpBlocks, (one) => inBlock(one, subject.sourceIp)) &&
    allows(source.remoteIpBlocks, source.notRemoteIpBlocks, (one) => inBlock(one, subject.remoteIp))
  );
}

function operationMatches(to: AuthorizationOperation, subject: AuthorizationSubject): boolean {
  const host = subject.authority.toLowerCase();
  return (
    allows(to.hosts, to.notHosts, (one) => textMatches(one.toLowerCase(), host)) &&
    allows(to.ports, to.notPorts, (one) => one === String(subject.port)) &&
    allows(to.methods, to.notMethods, (one) => textMatches(one, subject.method)) &&
    allows(to.paths, to.notPaths, (one) => textMatches(one, subject.path))
  );
}

function conditionMatches(
  condition: AuthorizationCondition,
  subject: AuthorizationSubject,
): boolean {
  const value = valueOf(condition.key, subject);
  if (value === undefined && !HEADER_KEY.test(condition.key)) return true;
  const isAddress = condition.key.endsWith('.ip');
  return allows(condition.values, condition.notValues, (one) =>
    isAddress ? inBlock(one, value ?? '') : value !== undefined && textMatches(one, value),
  );
}

function allows(
  wanted: readonly string[] | undefined,
  unwanted: readonly string[] | undefined,
  matches: (one: string) => boolean,
): boolean {
  if (wanted && wanted.length > 0 && !wanted.some(matches)) return false;
  return !unwanted?.some(matches);
}

/** `exact`, `prefix*`, `*suffix`, and `*` for anything but nothing. */
export function textMatches(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return text === pattern;
}

function inBlock(block: string, address: string): boolean {
  const range = parseIpRange(block);
  const ip = parseIp(address);
  return range !== undefined && ip !== undefined && isInRange(range, ip);
}

const HEADER_KEY = /^request\.headers\[(.+)\]$/;

/** Undefined when the key is not known, or names a header that is not there. */
function valueOf(key: string, subject: AuthorizationSubject): string | undefined {
  const header = HEADER_KEY.exec(key)?.[1];
  if (header !== undefined) return subject.header(header.toLowerCase());
  switch (key) {
    case 'source.ip':
      return subject.sourceIp;
    case 'remote.ip':
      return subject.remoteIp;
    case 'source.principal':
      return subject.principal;
    case 'source.namespace':
      return /\/ns\/([^/]+)\//.exec(subject.principal)?.[1] ?? '';
    case 'destination.port':
      return String(subject.port);
    case 'connection.sni':
      return subject.serverName;
    default:
      return undefined;
  }
}

const NAMES = [
  'principals',
  'namespaces',
  'ipBlocks',
  'remoteIpBlocks',
  'hosts',
  'ports',
  'methods',
  'paths',
];
const FIELDS = new Set(NAMES.flatMap((one) => [one, `not${one[0]!.toUpperCase()}${one.slice(1)}`]));

const NOBODY: AuthorizationSubject = {
  method: '',
  path: '',
  authority: '',
  port: 0,
  header: () => undefined,
  sourceIp: '',
  remoteIp: '',
  principal: '',
  serverName: '',
};
