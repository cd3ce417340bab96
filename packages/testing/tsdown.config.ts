import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/index.ts'],
  platform: 'node',
  fixedExtension: false,
  target: 'es2023',
  dts: { oxc: true },
  publint: true,
  attw: { profile: 'esm-only', level: 'error' },
});
