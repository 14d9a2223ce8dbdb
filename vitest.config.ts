import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** By it the packages find each other's sources, so that nothing needs a build. */
const conditions = ['millrace-source']

/** Pure modules, whose branches are counted. */
const counted = ['packages/kernel/test/**/*.test.ts', 'packages/files/test/{plan,dispatch}/**/*.test.ts']
/** Long searches, which would take three times as long with every branch counted, and which come to no branch that others do not. */
const searches = ['packages/kernel/test/**/*-{protocol,sleepers,threads}.test.ts']
const frame = ['packages/frame/test/**/*.test.ts']
/** Real processes that are killed, again and again, and workers on a database that goes away. */
const crash = ['{apps,packages}/*/test/crash/**/*.test.ts', 'packages/files/test/cluster/**/*.test.ts']
/** Of these the one that `npm test` has: a coordinator and four workers are killed, and their database is restarted. */
const kills = ['packages/files/test/crash/cluster-kills.test.ts']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      // What is pure leaves nothing behind in its process: the next file can have it. Half of a small file's time is the start of one.
      { extends: true, test: { name: 'counted', include: counted, exclude: searches, isolate: false } },
      { extends: true, test: { name: 'pure', include: [...searches, ...frame], isolate: false } },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'checks/test/**/*.test.ts'],
          exclude: [...counted, ...frame, ...crash],
        },
      },
      { extends: true, test: { name: 'kills', include: kills } },
      { extends: true, test: { name: 'crash', include: crash, exclude: kills } },
    ],
    execArgv: ['--conditions=millrace-source'],
    // Most of a test with real processes is their start, and most of that is compiling.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'millrace-test-compile-cache') },
    pool: 'forks',
    // One more than there are cores: many tests wait, for a deadline to pass or a page to draw.
    maxWorkers: availableParallelism() + 1,
    // Many tests start real processes, and the machine may be slow and busy: bounds against hangs, not measures. Hooks may have to make what
    // is made once on a machine, a database or an unpacked browser.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
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
