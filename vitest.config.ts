import { defineConfig } from 'vitest/config';

// Packages resolve to their TypeScript source, so no test needs a build.
const source = { conditions: ['@clover/source', 'node', 'import', 'default'] };
const common = { resolve: source, ssr: { resolve: source } };
const setupFiles = ['scripts/property-seed.mjs'];

export default defineConfig({
  test: {
    projects: [
      {
        ...common,
        test: {
          name: 'unit',
          setupFiles,
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
          setupFiles,
          include: ['packages/ui/src/**/*.test.{ts,tsx}'],
          environment: 'node',
        },
      },
      {
        ...common,
        test: {
          name: 'integration',
          setupFiles,
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
          setupFiles,
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
