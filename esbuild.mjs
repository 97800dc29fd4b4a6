// Bundles the extension, the command line, the three servers and the webview into dist/.
// CommonJS, because `pg` bundled as ESM fails at start ("Dynamic require of events is not supported").
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const servers = ['postgres', 'jira', 'slack'].filter((name) => existsSync(`servers/${name}/main.ts`));

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  legalComments: 'none',
  logLevel: 'warning',
  // Answers `import.meta.url` in ESM dependencies that are bundled as CommonJS.
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
};

await mkdir('dist/servers', { recursive: true });

const jobs = [
  build({
    ...node,
    entryPoints: Object.fromEntries(servers.map((name) => [name, `servers/${name}/main.ts`])),
    outdir: 'dist/servers',
  }),
  build({
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    entryPoints: { webview: 'src/webview/main.ts' },
    outdir: 'dist',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    legalComments: 'none',
    logLevel: 'warning',
  }),
];
if (existsSync('src/cli.ts')) {
  jobs.push(
    build({
      ...node,
      entryPoints: { cli: 'src/cli.ts' },
      outdir: 'dist',
      banner: { js: `#!/usr/bin/env node\n${node.banner?.['js']}` },
    }),
  );
}
if (existsSync('src/extension.ts')) {
  jobs.push(build({ ...node, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist', external: ['vscode'] }));
}
await Promise.all(jobs);

// libpg-query looks for its WebAssembly beside the file that it runs in.
const grammar = join(dirname(require.resolve('libpg-query')), 'libpg-query.wasm');
await cp(grammar, 'dist/servers/libpg-query.wasm');
if (existsSync('src/runbooks')) await cp('src/runbooks', 'dist/runbooks', { recursive: true });
