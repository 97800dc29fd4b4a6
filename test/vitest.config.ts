import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { Order } from './setup/order.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files that put something in the place of a module, which nothing else may see. */
const mocking = ['test/servers/contract/audit-{full-disk,names}.test.ts'];

/** What the servers share is tested as it is in the source. */
const withoutBuild = ['test/servers/{contract,kit}/**/*.test.ts'];

const shuffled = process.argv.some((word) => word.startsWith('--sequence.shuffle'));

const unit = {
  root,
  setupFiles: ['test/setup/properties.ts'],
  // Property tests on a machine with other work to do.
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

/** Files of the extension that are tested outside VS Code. */
const withoutEditor = { alias: { vscode: `${root}test/setup/vscode-module.ts` } };

const window = {
  root,
  globalSetup: ['test/setup/vscode.ts'],
  // Last resorts, for a machine at a quarter of its speed and busy: what is waited for has a limit of its own.
  testTimeout: 1_800_000,
  hookTimeout: 900_000,
};

/**
 * Projects, cheapest first. `unit` needs no build, and its files share their modules: to load them again for each
 * takes as long as the tests. `mocks` are the few that cannot. The others run what is in dist/.
 * `servers` spawns each server's bundle and speaks MCP; `e2e` runs the command line and the demo;
 * `vscode` drives a real VS Code.
 */
export default defineConfig({
  test: {
    root,
    // The tests wait on processes of their own more than they compute; the default is one worker on two cores.
    maxWorkers: 4,
    globalSetup: ['test/setup/postgres.ts'],
    ...(shuffled ? {} : { sequence: { sequencer: Order } }),
    projects: [
      {
        resolve: withoutEditor,
        test: {
          ...unit,
          name: 'unit',
          isolate: false,
          include: ['test/src/**/*.test.ts', ...withoutBuild, 'test/*.test.ts'],
          exclude: mocking,
        },
      },
      { test: { ...unit, name: 'mocks', include: mocking } },
      {
        test: {
          name: 'servers',
          root,
          setupFiles: ['test/setup/properties.ts'],
          include: ['test/{servers,mcp}/**/*.test.ts'],
          exclude: withoutBuild,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        resolve: withoutEditor,
        test: {
          name: 'e2e',
          root,
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 480_000,
          hookTimeout: 480_000,
        },
      },
      // Needs the npm registry, or what builds and runs images, so it is no part of `npm test`.
      { test: { name: 'network', root, include: ['test/network/**/*.test.ts'], testTimeout: 240_000 } },
      { test: { ...window, name: 'vscode', include: ['test/vscode/**/*.test.ts'] } },
      // Figures for people, so it is no part of `npm test` either.
      { test: { ...window, name: 'figures', include: ['test/bench/window/*.test.ts'] } },
    ],
  },
});
