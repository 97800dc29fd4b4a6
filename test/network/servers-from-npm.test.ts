import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { readConfigFile } from '../../src/mcp/config/config-file.ts';
import { listen } from '../src/mcp/fixtures/remote.ts';
import { never, openHub } from '../src/mcp/fixtures/servers.ts';
import { findChromium } from '../vscode/window/browser.ts';
import { chromeDevtools, page, playwright } from './browser-plays.ts';
import { install, serversFor, shapes } from './npm-servers.ts';
import { createPlayer, type Player } from './player.ts';
import * as plays from './plays.ts';

const installed = install();
const chromium = installed ? await findChromium() : '';

function workFolder(): string {
  const work = realpathSync(mkdtempSync(join(tmpdir(), 'switchboard-npm-')));
  onTestFinished(() => rmSync(work, { recursive: true, force: true, maxRetries: 20 }));
  return work;
}

function readAs(host: string, work: string) {
  const text = shapes[host]?.(serversFor({ work, chromium })) ?? '';
  return readConfigFile({ file: join(work, 'mcp.json'), text, variables: process.env }, work);
}

const served: readonly (readonly [server: string, host: string, play: (player: Player) => Promise<void>])[] = [
  ['everything', 'VS Code', plays.everything],
  ['filesystem', 'Cursor', plays.filesystem],
  ['memory', 'Claude Desktop', plays.memory],
  ['sequential-thinking', 'Claude Code', plays.sequentialThinking],
  ['system-monitor', 'VS Code', plays.systemMonitor],
  ['dbhub', 'Cursor', plays.dbhub],
  ['context7', 'Claude Desktop', plays.context7],
  ['eslint', 'Claude Code', plays.eslint],
  ['playwright', 'VS Code', playwright],
  ['chrome-devtools', 'Cursor', chromeDevtools],
];

it.skipIf(!installed).each(served)(
  'every tool of the %s server can be called, from a file as %s writes it',
  async (server, host, play) => {
    const work = workFolder();
    const config = readAs(host, work);
    const spec = config.servers.find(({ id }) => id === server);
    if (spec === undefined) throw new Error(`not in the file: ${config.leftOut.join('\n')}`);
    const { url } = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    });
    const hub = openHub([{ ...spec, ...(spec.kind === 'child' && { cwd: work }) }], {
      allowSampling: true,
      timings: { startMs: 120_000 },
      roots: () => [{ uri: pathToFileURL(work).href, name: 'work' }],
    });
    const tools = await hub.list(never);
    expect(hub.states()).toMatchObject([{ state: { status: 'ready', leftOut: [] } }]);
    const player = await createPlayer(hub, { work, page: url });
    await play(player);
    expect(tools.map(({ plainName }) => plainName).filter((name) => !player.called.has(name))).toEqual([]);
  },
);

it.skipIf(!installed).each(Object.keys(shapes))('all ten are read alike from one file as %s writes it', (host) => {
  const work = workFolder();
  const { servers, leftOut } = readAs(host, work);
  expect(leftOut).toEqual([]);
  expect(servers.map(({ id }) => id)).toEqual(Object.keys(serversFor({ work, chromium })));
  expect(servers).toEqual(readAs('Claude Desktop', work).servers);
});
