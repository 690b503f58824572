/** One vitest project for all packages: `x.test.ts` beside `x.ts`, and `test/` for what crosses files. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/fixtures/**'],
    globalSetup: 'test/support/kafka-shared.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/test-support/**', '**/conformance.ts'],
      reporter: ['text-summary', 'json-summary', 'lcov'],
      // Threads and child processes (the bus worker, the command line) run unmeasured, so the true share is higher.
      reportOnFailure: true,
      thresholds: { lines: 85 },
    },
  },
});
