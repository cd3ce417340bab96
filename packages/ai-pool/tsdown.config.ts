import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts'],
  platform: 'neutral',
  target: 'es2023',
  dts: { oxc: true },
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  publint: true,
  attw: { profile: 'esm-only', level: 'error' },
});
