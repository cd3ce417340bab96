import { defineConfig } from 'vitest/config';

// Packages are tested from source: their "@ai-pool/source" export condition.
const conditions = ['@ai-pool/source'];

const project = (name: string, root: string, include: string[]) => ({
  extends: true as const,
  test: { name, root, include },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Also on two cores, of which one would be left idle.
    maxWorkers: '100%',
    // No test waits for real; on a busy machine a thousand calls or worlds take their time.
    testTimeout: 30_000,
    projects: [
      project('ai-pool', 'packages/ai-pool', ['src/**/*.test.ts']),
      {
        extends: true,
        test: {
          name: 'ai-pool, edge',
          root: 'packages/ai-pool',
          include: ['src/**/*.test.ts'],
          // What needs Node beyond the test runner itself.
          exclude: ['src/**/*.node.test.ts'],
          // The long runs are for one of the two.
          env: { STREAM_FUZZ_RUNS: '150', SCHEDULING_RUNS: '50' },
          environment: 'edge-runtime',
          pool: 'vmThreads',
          setupFiles: [`${import.meta.dirname}/edge-setup.ts`],
        },
      },
      project('testing', 'packages/testing', ['src/**/*.test.ts']),
      project('ai 4', 'test/ai-4', ['*.test.ts']),
      project('ai 5', 'test/ai-5', ['*.test.ts']),
      project('ai 6', 'test/ai-6', ['*.test.ts']),
      project('ai 7', 'test/ai-7', ['*.test.ts']),
      project('whole', 'test', ['*.test.ts']),
    ],
  },
});
