import { defineConfig } from 'vitest/config';

// The pool is tested from source: its "@ai-pool/source" export condition.
const conditions = ['@ai-pool/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { root: import.meta.dirname, include: ['ai-*/*.test.ts'] },
});
