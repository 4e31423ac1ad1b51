/** What the demo's servers answer; `route` is the http.route of OpenTelemetry. */
export const ROUTES = [
  '/',
  '/catalog',
  '/products/{id}',
  '/users/{id}/orders',
  '/orders/{id}',
  '/cart/{id}/items',
  '/search',
  '/home',
  '/uploads/{name}',
  '/upload-test',
  '/assets/{file}',
] as const;
export type Route = (typeof ROUTES)[number];

const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.replace(/\{[^}]+\}/g, '[^/]+')}$`),
}));

/** The route of a path without its query; undefined when no server has it. */
export function routeOf(path: string): Route | undefined {
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.route;
}

/** What a path is counted under: its route, else the path itself, which the demo's clients keep few. */
export function countedPath(path: string): string {
  return routeOf(path) ?? path;
}
