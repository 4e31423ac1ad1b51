import { describe, expect, it } from 'vitest';
import { countedPath, routeOf } from './routes.ts';

describe('routeOf', () => {
  it('knows a path with ids by its route', () => {
    expect(routeOf('/products/1007')).toBe('/products/{id}');
    expect(routeOf('/users/7/orders')).toBe('/users/{id}/orders');
    expect(routeOf('/')).toBe('/');
  });

  it('knows no other path, and counts it under itself', () => {
    expect(routeOf('/products/1/2')).toBeUndefined();
    expect(countedPath('/favicon.ico')).toBe('/favicon.ico');
  });
});
