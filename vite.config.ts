import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'src/playground/page');

/** The playground's page; nothing of it is part of the bot. */
export default defineConfig({
  root,
  base: './',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: join(import.meta.dirname, 'dist/playground/page'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1' },
});
