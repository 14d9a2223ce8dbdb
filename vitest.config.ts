import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** By it the packages find each other's sources, so that nothing needs a build. */
const conditions = ['millrace-source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'checks/test/**/*.test.ts'],
    execArgv: ['--conditions=millrace-source'],
    // Most of a test with real processes is their start, and most of that is compiling.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-test-compile-cache') },
    pool: 'forks',
    maxWorkers: '100%',
    // Many tests start real processes, and the machine may be busy: a bound against hangs, not a measure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['packages/kernel/src/**', 'packages/files/src/{plan,dispatch}/**'],
      reporter: ['text-summary', 'json-summary'],
      // Pure modules can be tested to the last branch; what runs in other processes is seen by tests, but not by the counter.
      thresholds: {
        'packages/kernel/src/**': { branches: 90 },
        'packages/files/src/plan/**': { branches: 90 },
        'packages/files/src/dispatch/**': { branches: 90 },
      },
    },
  },
})
