import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const outDir = process.env.PAGE_OUT_DIR ?? '../Serverless.Functions/wwwroot';
const system = process.env.PAGE_SYSTEM ?? 'http://localhost:7071';
const smallestWorthCompressing = 1024; // bytes

// The functions have no time to compress on every request, and a page built once is asked for often.
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async closeBundle() {
      const folder = join(outDir, 'assets');
      for (const name of await readdir(folder)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const file = join(folder, name);
        const bytes = await readFile(file);
        if (bytes.length < smallestWorthCompressing) continue;
        await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes));
        await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [compressed()],
  build: {
    outDir,
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // Everything must come from a file of its own: the content security policy refuses data: scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  server: { proxy: { '/api': system, '/query': system } },
});
