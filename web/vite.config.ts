import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Built files go to dist/console, from where the server sends them. Nothing is inlined: the policy of the page allows no inline script, style or font. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { '^/(v1|sign-in|docs|openapi.json|health)': { target: 'http://127.0.0.1:8338' } } },
});
