import { defineConfig } from 'vitest/config';
import LongestFirst from './tools/longest-first.js';

// Not `import`: it would reach what packages themselves `require`.
const conditions = ['@selvedge/source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/**/*.test.ts', 'packs/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // A busy machine takes several times as long.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ['default', './tools/count-reporter.ts'],
    pool: 'forks',
    // Many tests wait for equipment, browsers and processes: one worker more than cores of a small machine.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/index.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
