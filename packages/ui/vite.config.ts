import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// CLOVER_DEV_API: where `npm run dev` finds a controller.
export default defineConfig({
  plugins: [react()],
  resolve: {
    conditions: [
      '@clover/source',
      'module',
      'browser',
      'development|production',
      'import',
      'default',
    ],
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': process.env['CLOVER_DEV_API'] ?? 'http://127.0.0.1:9400',
      '/version': process.env['CLOVER_DEV_API'] ?? 'http://127.0.0.1:9400',
    },
  },
});
