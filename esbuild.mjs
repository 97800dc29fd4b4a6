// Bundles the extension, the command line, the servers and the webview into dist/.
// With --watch: again at every change, with source maps and readable names. With --out FOLDER: there instead.
// Which files went into which bundle is in inputs.json beside them, for the list of what the image holds.
// CommonJS, because `pg` bundled as ESM fails at start ("Dynamic require of events is not supported").
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build, context, transform } from 'esbuild';

const require = createRequire(import.meta.url);
const watch = process.argv.includes('--watch');
const out = process.argv.includes('--out') ? (process.argv[process.argv.indexOf('--out') + 1] ?? '') : 'dist';
/** @type {import('esbuild').Metafile} */
const built = { inputs: {}, outputs: {} };
const servers = readdirSync('servers').filter((name) => existsSync(`servers/${name}/main.ts`));

/**
 * Leaves out what a dependency brings along and we never reach: zod's messages in 50 languages (264 KB, drawn in by
 * jira.js and others through the named import), and in the servers the JSON Schema compiler with which the MCP SDK
 * checks answers to forms (125 KB; our servers ask for none). And the log of the proxy agents, which DEBUG would turn on.
 * @type {(options: {forms: boolean}) => import('esbuild').Plugin}
 */
const leaveOut = ({ forms }) => ({
  name: 'leave-out',
  setup: (builder) => {
    builder.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
    builder.onLoad({ filter: /node_modules[\\/]debug[\\/]src[\\/]index\.js$/ }, () => ({
      contents: 'module.exports = () => Object.assign(() => undefined, { enabled: false });',
    }));
    // Schemas of zod 3, which the MCP SDK would take as well.
    builder.onLoad({ filter: /zod[\\/]v3[\\/]index\.js$/ }, () => ({
      contents:
        "export const object = () => { throw new Error('Schemas here are those of zod 4.'); }; export const ZodFirstPartyTypeKind = {};",
    }));
    // Of all the stores of the rate limiter, the one in memory.
    builder.onLoad({ filter: /rate-limiter-flexible[\\/]index\.js$/ }, () => ({
      contents: "export { default as RateLimiterMemory } from './lib/RateLimiterMemory.js';",
    }));
    // Loaded later, in a file of its own: esbuild then knows no names of what is not ESM.
    builder.onResolve({ filter: /^libpg-query$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, namespace: 'named' } : undefined,
    );
    builder.onLoad({ filter: /./, namespace: 'named' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => !['default', 'module.exports'].includes(name));
      const lines = names.map((name, index) => `const v${index} = all.${name}; export { v${index} as ${name} };`);
      return { contents: `const all = require('${path}');\n${lines.join('\n')}`, resolveDir: '.' };
    });
    // Writes HTML, which html-to-text does for formats that we do not ask for.
    builder.onLoad({ filter: /node_modules[\\/]dom-serializer[\\/]/ }, () => ({
      contents: "export function render() { throw new Error('No HTML is written here.'); } export default render;",
    }));
    // They tell browsers apart, and stand for streams that Node has.
    builder.onLoad({ filter: /node_modules[\\/](?:bowser|web-streams-polyfill)[\\/]/ }, () => ({ contents: '' }));
    if (forms) return;
    builder.onLoad({ filter: /validation[\\/]ajv-provider\.js$/ }, () => ({
      contents:
        "export class AjvJsonSchemaValidator { getValidator() { throw new Error('This server asks for no forms.'); } }",
    }));
  },
});

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  keepNames: false,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [leaveOut({ forms: true })],
  // Its main file is UMD, which asks for its parts in a way that cannot be bundled.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  // Answers `import.meta.url` in ESM dependencies that are bundled as CommonJS.
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/**
 * Keeps what `import('…/<name>.ts')` asks for in a bundle of its own, so that VS Code does not read the agent, nor the
 * webview its charts, before they are needed.
 * @param {string} name
 * @param {'cjs' | 'js'} extension
 * @param {string} folder where that bundle is, seen from the one that asks
 * @returns {import('esbuild').Plugin}
 */
function loadLater(name, extension, folder = './') {
  return {
    name: 'load-later',
    setup(context) {
      context.onResolve({ filter: new RegExp(`/${name}\\.ts$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `${folder}${name}.${extension}`, external: true } : undefined,
      );
    },
  };
}

/** @type {import('esbuild').BuildOptions} */
const browser = {
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  platform: 'browser',
  target: 'es2022',
  outdir: out,
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [loadLater('chart', 'js')],
};

/** Of the agent, each in a bundle of its own: servers on the network and later protocols, and the clouds that have Claude. */
const later = {
  'sdk-v2': 'src/mcp/client/sdk-v2.ts',
  'claude-bedrock': 'src/agent/model/claude-bedrock.ts',
  'claude-vertex': 'src/agent/model/claude-vertex.ts',
  'claude-foundry': 'src/agent/model/claude-foundry.ts',
};
/** Where secrets may be kept; the servers and the command line share these. */
const stores = { vault: 'servers/contract/secrets/vault.ts', 'aws-secrets': 'servers/contract/secrets/aws-secrets.ts' };
/** What the command line does with the state database of the servers. */
const administration = { administer: 'servers/contract/state/administer.ts' };
/** Traces, for whoever sets a collector; the servers and the host share it. */
const traces = { otel: 'servers/contract/telemetry/otel.ts' };
/** Of the servers: the network, state that replicas share, figures for a scraper. */
const laterInServers = {
  service: 'servers/kit/http/service.ts',
  'shared-state': 'servers/kit/state/shared-state.ts',
  prometheus: 'servers/kit/telemetry/prometheus.ts',
  ...stores,
  ...administration,
  ...traces,
};
/** Of the command line: the service, runs that another process may try again, and the way to ask people elsewhere. */
const services = {
  worker: 'src/service/worker.ts',
  'run-state': 'src/service/run-state.ts',
  'open-desk': 'src/service/approvals/open-desk.ts',
};
const loadedLater = [
  ...Object.keys(later).map((name) => loadLater(name, 'cjs')),
  ...Object.keys({ ...stores, ...administration, ...traces }).map((name) => loadLater(name, 'cjs', './servers/')),
];

/** What several bundles need is in a bundle of its own beside them: by package, the name of that bundle. */
const sharedPackages = {
  zod: 'zod',
  yaml: 'yaml',
  unhomoglyph: 'homoglyphs',
  'markdown-it': 'markdown-it',
  '@anthropic-ai/sdk': 'anthropic',
};
/** @type {Set<string>} Modules of these packages that the bundles ask for. */
const sharedModules = new Set();

/**
 * Lets a bundle read the shared packages from their own bundles. A package keeps its own copy of another version.
 * @param {string} folder where the shared bundles are, seen from this one
 * @param {readonly string[]} names
 * @returns {import('esbuild').Plugin}
 */
function share(folder, names) {
  /** @param {string} path */
  const packageOf = (path) => names.find((name) => path === name || path.startsWith(`${name}/`)) ?? '';
  return {
    name: 'share',
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^(?:${names.join('|')})(?:/|$)`) }, async (asked) => {
        const { path, importer, kind, resolveDir, pluginData } = asked;
        const home = join(realpathSync(join('node_modules', packageOf(path))), '/');
        if (pluginData === share || importer.startsWith(home)) return undefined;
        const found = await builder.resolve(path, { importer, kind, resolveDir, with: asked.with, pluginData: share });
        if (!found.path.startsWith(home)) return undefined;
        sharedModules.add(path);
        return { path, namespace: 'shared' };
      });
      builder.onLoad({ filter: /./, namespace: 'shared' }, async ({ path }) => {
        const exported = path.endsWith('.json') ? ['default'] : Object.keys(await import(path));
        const lines = exported
          .filter((name) => name !== 'module.exports')
          .map((name, index) => `const v${index} = all.${name}; export { v${index} as ${name} };`);
        const file = `${folder}${sharedPackages[packageOf(path)]}.cjs`;
        return { contents: `const all = require('${file}')['${path}'];\n${lines.join('\n')}`, resolveDir: '.' };
      });
      const files = Object.values(sharedPackages).join('|');
      builder.onResolve({ filter: new RegExp(`^\\.{1,2}/(?:${files})\\.cjs$`) }, ({ path }) => ({
        path,
        external: true,
      }));
    },
  };
}

/** @param {import('esbuild').BuildOptions} options */
async function record(options) {
  const { metafile, outputFiles } = await build({ ...options, metafile: true });
  Object.assign(built.inputs, metafile?.inputs);
  Object.assign(built.outputs, metafile?.outputs);
  return outputFiles ?? [];
}

/** Parts of servers by the names that this build gives them. */
const parts = /^part-[A-Z0-9]+\.cjs$/;

/**
 * Keeps what several servers need, and what one of them needs only later, in files of their own. esbuild does that for
 * ESM alone, so that is turned into CommonJS afterwards.
 * @param {import('esbuild').BuildOptions} options
 * @returns {Promise<string[]>} the names of the files
 */
async function buildInParts(options) {
  const split = await record({
    ...options,
    format: 'esm',
    splitting: true,
    banner: {}, // comes with the second step
    minify: false,
    chunkNames: 'part-[hash]',
    write: false,
  });
  return Promise.all(
    split.map(async ({ path, text }) => {
      const { code } = await transform(text, {
        format: 'cjs',
        minify: true,
        platform: 'node',
        target: 'node22',
        supported: { 'dynamic-import': false },
        legalComments: 'none',
        banner: node.banner?.['js'] ?? '',
      });
      await writeFile(path, code);
      return basename(path);
    }),
  );
}

/** After all others, whose modules it holds. */
async function buildShared() {
  for (const [name, file] of Object.entries(sharedPackages)) {
    const modules = [...sharedModules].filter((path) => path === name || path.startsWith(`${name}/`)).toSorted();
    const lines = modules.map((path, index) =>
      path.endsWith('.json')
        ? `import d${index} from '${path}'; const m${index} = { default: d${index} }; export { m${index} as '${path}' };`
        : `export * as '${path}' from '${path}';`,
    );
    await record({
      ...node,
      stdin: { contents: lines.join('\n'), resolveDir: '.' },
      outfile: join(out, `${file}.cjs`),
      outExtension: {},
    });
  }
}

await mkdir(join(out, 'servers'), { recursive: true });

const inServers = {
  ...node,
  plugins: [leaveOut({ forms: false }), ...Object.keys(laterInServers).map((name) => loadLater(name, 'cjs'))],
  outdir: join(out, 'servers'),
};

/** @param {readonly string[]} names */
const serversOf = (names) => ({
  ...inServers,
  // They start 10 ms sooner with the part of zod that they use than with all of it.
  ownZod: true,
  inParts: true,
  entryPoints: Object.fromEntries(names.map((name) => [name, `servers/${name}/main.ts`])),
});

/** @type {(import('esbuild').BuildOptions & { ownZod?: boolean, inParts?: boolean })[]} */
const bundles = [
  // The one that starts for every question shares nothing: it would start 5 % later with more files.
  serversOf(servers.filter((name) => name === 'postgres')),
  serversOf(servers.filter((name) => name !== 'postgres')),
  { ...inServers, entryPoints: laterInServers },
  { ...browser, format: 'iife', entryPoints: { webview: 'src/webview/main.ts' } },
  { ...browser, format: 'esm', entryPoints: { chart: 'src/webview/chart.ts', grid: 'src/webview/grid/grid.ts' } },
];
if (existsSync('src/cli.ts')) {
  bundles.push({
    ...node,
    plugins: [...(node.plugins ?? []), ...loadedLater, ...Object.keys(services).map((name) => loadLater(name, 'cjs'))],
    entryPoints: { cli: 'src/cli.ts' },
    outdir: out,
    banner: { js: `#!/usr/bin/env node\n${node.banner?.['js']}` },
  });
  bundles.push({
    ...node,
    plugins: [leaveOut({ forms: false }), ...loadedLater],
    entryPoints: services,
    outdir: out,
  });
}
if (existsSync('src/extension.ts')) {
  bundles.push({
    ...node,
    plugins: [...(node.plugins ?? []), loadLater('host', 'cjs'), loadLater('assemble', 'cjs'), ...loadedLater],
    entryPoints: {
      extension: 'src/extension.ts',
      host: 'src/vscode/host.ts',
      assemble: 'src/assemble.ts',
      ...later,
    },
    outdir: out,
    external: ['vscode'],
  });
}

// libpg-query looks for its WebAssembly beside the file that it runs in.
const grammar = join(dirname(require.resolve('libpg-query')), 'libpg-query.wasm');
await cp(grammar, join(out, 'servers/libpg-query.wasm'));
// VS Code looks for them beside package.json, when it is packaged and under F5.
for (const name of ['package.nls.json', 'package.nls.de.json']) await cp(join('media/l10n', name), name);
if (existsSync('src/runbooks')) await cp('src/runbooks', join(out, 'runbooks'), { recursive: true });

if (watch) await rebuildOnChange();
else {
  const written = await Promise.all(
    bundles.map(async ({ plugins = [], ownZod = false, inParts = false, ...options }) => {
      const names = Object.keys(sharedPackages).filter((name) => name !== 'zod' || !ownZod);
      const shared = options.platform === 'node' ? [share(options.outdir === out ? './' : '../', names)] : [];
      const own = { ...options, plugins: [...shared, ...plugins] };
      if (inParts) return buildInParts(own);
      await record(own);
      return [];
    }),
  );
  const old = (await readdir(join(out, 'servers'))).filter(
    (name) => parts.test(name) && !written.flat().includes(name),
  );
  await Promise.all(old.map((name) => rm(join(out, 'servers', name))));
  await buildShared();
  await writeFile(join(out, 'inputs.json'), JSON.stringify(built));
}

/** The task of VS Code that F5 waits for reads the lines that this prints. */
async function rebuildOnChange() {
  let building = bundles.length;
  console.log('[watch] build started');
  for (const { ownZod: _, inParts: __, ...options } of bundles) {
    let first = true;
    const watched = await context({
      ...options,
      plugins: [
        ...(options.plugins ?? []),
        {
          name: 'say-when-built',
          setup: (builder) => {
            builder.onStart(() => {
              if (!first && building++ === 0) console.log('[watch] build started');
              first = false;
            });
            builder.onEnd(() => {
              if (--building === 0) console.log('[watch] build finished');
            });
          },
        },
      ],
    });
    await watched.watch();
  }
}
