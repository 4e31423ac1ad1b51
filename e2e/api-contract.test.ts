// The typed client and the server agree on what there is: every path that the client asks is documented.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Product, startProduct } from './support/product.ts';

describe('the API', () => {
  let product: Product;
  let paths: Record<string, Record<string, unknown>>;
  beforeAll(async () => {
    product = await startProduct({ args: ['--no-demo'] });
    const response = await fetch(`${product.ready.controller}/api/openapi.json`);
    ({ paths } = (await response.json()) as { paths: typeof paths });
  });
  afterAll(() => product?.stop());

  it('documents every path that the client asks', async () => {
    const source = await readFile('packages/client/src/create-client.ts', 'utf8');
    const asked = [...source.matchAll(/`\$\{api\}(\/[^`$]*)/g)].map(([, path]) => `/api/v1${path}`);
    expect(asked.length).toBeGreaterThan(30);
    const known = Object.keys(paths);
    expect(
      asked.filter(
        (path) =>
          !known.some((other) => other === path || (path.endsWith('/') && other.startsWith(path))),
      ),
    ).toEqual([]);
  });

  it('answers every GET without required parameters on an empty store', async () => {
    const gets = Object.entries(paths).filter(([path, methods]) => {
      const { parameters = [] } = (methods['get'] ?? { parameters: [{ required: true }] }) as {
        parameters?: { required?: boolean }[];
      };
      return (
        !path.includes('{') && !path.endsWith('/events') && !parameters.some((one) => one.required)
      );
    });
    expect(gets.length).toBeGreaterThan(20);
    const failed: string[] = [];
    for (const [path] of gets) {
      const response = await fetch(`${product.ready.controller}${path}`);
      if (!response.ok) failed.push(`${path}: ${response.status} ${await response.text()}`);
      else await response.text();
    }
    expect(failed).toEqual([]);
  });
});
