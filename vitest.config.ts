import { defineConfig } from 'vitest/config';

// Packages resolve to their TypeScript source, so no test needs a build.
const source = { conditions: ['@clover/source', 'node', 'import', 'default'] };
const common = { resolve: source, ssr: { resolve: source } };

export default defineConfig({
  test: {
    projects: [
      {
        ...common,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['packages/ui/**', '**/node_modules/**'],
          environment: 'node',
          testTimeout: 30_000, // property tests on a busy machine
        },
      },
      {
        ...common,
        test: {
          name: 'ui',
          include: ['packages/ui/src/**/*.test.{ts,tsx}'],
          environment: 'node',
        },
      },
      {
        ...common,
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.test.ts'],
          pool: 'forks', // one ClickHouse data directory per process
          isolate: true,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...common,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
