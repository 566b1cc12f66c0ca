import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * `unit` is fast and needs no build; `sim` is seeded; `e2e` drives the built program, one file at a time; `walls` drives
 * it through a browser.
 */
export default defineConfig({
  test: {
    // A test that was left behind by `.only` must not hide the others.
    allowOnly: false,
    // The default leaves one core idle; many tests wait for a disk or another process.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/src/**/*.test.{ts,tsx}',
            'test/*.test.ts',
            'test/chaos/*.test.ts',
          ],
          // A bound for what hangs, not for what is slow: some tests wait for hundreds of fsyncs.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      { test: { name: 'sim', include: ['test/{sim,bugs}/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/wall*.test.ts'],
          globalSetup: ['test/e2e/build.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // They mostly wait for the browser, so two files at a time halve them.
          name: 'walls',
          include: ['test/e2e/wall*.test.ts'],
          globalSetup: ['test/e2e/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
