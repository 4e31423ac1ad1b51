// The small world that all tables share: who asks, where the services' programs listen, and the words
// that rules and requests are made of. Few words, so that rules and requests meet.

import type { Caller } from '../../src/index.ts';

/** Service ports; at a sidecar each is a listener. */
export const PORTS = [9180, 9181] as const;
export const GATEWAY_PORT = 18_085;

export const SIDECAR: Caller = {
  via: 'sidecar',
  namespace: 'default',
  labels: { app: 'sleep', version: 'v1' },
};
export const GATEWAY: Caller = {
  via: 'gateway',
  namespace: 'default',
  labels: { istio: 'ingressgateway' },
};

/** Programs behind services: each answers with its own port. */
export const UPSTREAM_PORTS = Array.from({ length: 12 }, (_, index) => 18_301 + index);

export const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/ab',
  '/A/b',
  '/a/b/c',
  '/b',
  '/v1/x',
  '/v12/y',
  '/login',
  '/static/app.js',
  '/a%20b',
  '/a/../b',
  '/b/./c',
  '//a',
];
/** Paths of gRPC calls, for GRPCRoutes. */
export const CALLS = [
  '/shop.Cart/Get',
  '/shop.Cart/List',
  '/shop.Pay/Get',
  '/shop.Cartoon/Get',
  '/echo/Say',
];
export const URI_REGEXES = ['/a.*', '/v[0-9]+/.*', '.*', '/(a|b)/?.*', '/[^/]+', '/login|/logout'];
export const QUERIES = ['', '', '', '?q=1', '?q=12&r', '?r=x', '?q', '?q=1&q=2', '?'];
export const HEADER_NAMES = ['x-a', 'x-b', 'User-Agent'];
export const HEADER_VALUES = ['1', 'one', 'one two', 'ONE', 'v1.2', ''];
export const HEADER_REGEXES = ['.*', 'o.*', '[0-9]+', '(?i)one', 'v[0-9].[0-9]'];
export const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'OPTIONS', 'DELETE'];
export const ORIGINS = ['https://a.test', 'https://b.test', 'http://c.test'];
