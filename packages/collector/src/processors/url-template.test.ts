import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUrlTemplater, templateWord } from './url-template.ts';

describe('templateWord', () => {
  test.each([
    ['users', 'users'],
    ['v2', 'v2'],
    ['oauth2', 'oauth2'],
    ['add-to-cart', 'add-to-cart'],
    ['index.html', 'index.html'],
    ['42', '{id}'],
    ['7', '{id}'],
    ['5f0c8a3e-1b2d-4c3e-9f8a-0123456789ab', '{uuid}'],
    ['507f1f77bcf86cd799439011', '{hex}'],
    ['deadbeef', 'deadbeef'],
    ['9f86d081', '{hex}'],
    ['2026-01-31', '{date}'],
    ['2026-01-31T12:00:00Z', '{date}'],
    ['10.0.0.1', '{ip}'],
    ['12.5', '{number}'],
    ['ann@example.org', '{email}'],
    ['ann%40example.org', '{email}'],
    ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', '{token}'],
    ['01ARZ3NDEKTSV4RRFFQ69G5FAV', '{token}'],
    ['user-1234', 'user-{id}'],
    ['sku12345', 'sku{id}'],
    ['main.3f9a8b7c.js', 'main.{hex}.js'],
    ['cart;jsessionid=ABC', 'cart'],
    [':id', '{*}'],
    ['{id}', '{*}'],
    ['a b', '{text}'],
    ['x'.repeat(70), '{text}'],
  ])('%s -> %s', (word, template) => {
    expect(templateWord(word)).toBe(template);
  });
});

describe('createUrlTemplater', () => {
  test('keeps endpoints apart and their variable parts together', () => {
    const { template } = createUrlTemplater();
    expect(template('shop', '/')).toBe('/');
    expect(template('shop', '')).toBe('/');
    expect(template('shop', '/users/42/orders/')).toBe('/users/{id}/orders');
    expect(template('shop', '/users/me')).toBe('/users/me');
  });

  test('a place with too many different words becomes {*}, in its service alone', () => {
    const templater = createUrlTemplater({ maxChildren: 20 });
    const names = Array.from(
      { length: 30 },
      (_, i) => `${String.fromCharCode(97 + (i % 26))}${'xy'[i % 2]}${'pqr'[i % 3]}`,
    );
    for (const name of names) templater.template('shop', `/tags/${name}/list`);
    expect(templater.template('shop', '/tags/never-seen/list')).toBe('/tags/{*}/list');
    expect(templater.template('shop', `/tags/${names[0]}/list`)).toBe('/tags/{*}/list');
    expect(templater.template('shop', '/tags/42/list')).toBe('/tags/{id}/list');
    expect(templater.template('other', '/tags/never-seen/list')).toBe('/tags/never-seen/list');
    expect(templater.stats().collapsedPlaces).toBe(1);
  });

  test('is bounded: a flood of made-up paths gives a bounded number of templates and nodes', () => {
    const templater = createUrlTemplater({ maxChildren: 10, maxNodes: 500 });
    const word = fc.stringMatching(/^[a-z]{3,6}$/);
    const templates = new Set<string>();
    for (const words of fc.sample(fc.array(word, { minLength: 1, maxLength: 20 }), 5000))
      templates.add(templater.template('s', `/${words.join('/')}`));
    expect(templater.stats().nodes).toBeLessThanOrEqual(500);
    expect(templates.size).toBeLessThan(5000);
    expect(templater.stats().collapsedPlaces).toBeGreaterThan(0);
  });

  test('takes any text without a fault', () => {
    const templater = createUrlTemplater();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (path) => {
        const template = templater.template('s', path);
        expect(template.startsWith('/')).toBe(true);
        expect(templater.template('s', path).length).toBeGreaterThan(0);
      }),
    );
  });
});
