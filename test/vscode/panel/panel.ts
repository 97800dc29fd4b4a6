import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import * as z from 'zod';
import { parseWebviewMessage, type HostMessage, type WebviewMessage } from '../../../src/chat/messages.ts';
import { chatPage, gridPage } from '../../../src/chat/page.ts';
import { english, type Texts } from '../../../src/chat/texts.ts';
import { createProjection, type Projection } from '../../../src/chat/projection.ts';
import { distFolder } from '../../stack/command-line.ts';
import { patienceMs } from '../window/patience.ts';
import { drawPicture } from '../window/pictures.ts';
import themes from './themes.json' with { type: 'json' };

const textsSchema = z.record(z.string(), z.string());

const types = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' } as const;

export type Theme = keyof typeof themes;

export interface Panel {
  readonly page: Page;
  /** The host's end, as in the extension. */
  readonly projection: Projection;
  readonly post: (...messages: readonly HostMessage[]) => Promise<void>;
  /** What the webview has sent since the last call. Fails if the host would not accept all of it. */
  readonly sent: () => Promise<readonly WebviewMessage[]>;
  /** URLs that the page has requested since it was opened. */
  readonly requests: () => readonly string[];
  /** Into test/vscode/screenshots, where PICTURES=1 asks for them. */
  readonly picture: (name: string) => Promise<void>;
}

export interface PanelSite {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Serves the real page, with its real content security policy, from dist. */
export async function startPanelSite(): Promise<PanelSite> {
  const files = new Map<string, Buffer>();
  for (const name of ['webview.js', 'webview.css', 'chart.js', 'grid.js', 'codicon.ttf'])
    files.set(name, await readFile(join(distFolder, name)));
  const german = await readGerman();
  let origin = '';
  const server = createServer((request, response) => {
    const name = (request.url ?? '').replace(/^\/|\?.*$/gu, '');
    const file = files.get(name);
    const type = Object.entries(types).find(([extension]) => name.endsWith(`.${extension}`))?.[1] ?? 'text/html';
    response.setHeader('content-type', `${type}; charset=utf-8`);
    if (file !== undefined) response.setHeader('cache-control', 'max-age=3600');
    const texts = request.url?.includes('german') === true ? german : english;
    response.end(name === '' || name === 'grid' ? page(origin, name, texts) : (file ?? (response.writeHead(404), '')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${port(server)}`;
  return {
    origin,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

/** The page in which all panels of a test file are shown in turn, because a separate page takes a second each. */
export interface PanelStage {
  /** Empty, in one of VS Code's themes, with a host that answers `ready` as the extension does. */
  readonly open: (theme: Theme, width: number, language?: 'german') => Promise<Panel>;
  /** Throws what the page has reported since the last panel was opened: errors and content policy violations. */
  readonly check: () => void;
  readonly close: () => Promise<void>;
  readonly page: Page;
  /** Lines of the page's console since the last panel was opened. */
  readonly console: readonly string[];
}

export async function openStage(browser: Browser, site: PanelSite): Promise<PanelStage> {
  const context = await browser.newContext({ reducedMotion: 'no-preference' });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  let problems: string[] = [];
  let requests: string[] = [];
  const lines: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    lines.push(`${line.type()}: ${line.text()}`);
    if (line.type() === 'error') problems.push(line.text());
  });
  page.on('request', (request) => {
    // The icons' font, when the first icon is drawn.
    if (request.resourceType() !== 'font') requests.push(request.url());
  });
  await installThemes(page);
  const check = (): void => {
    if (problems.length > 0) throw new Error(`the page reported: ${problems.join('; ')}`);
  };
  const post = async (...messages: readonly HostMessage[]): Promise<void> => {
    await page.evaluate(
      `for (const message of ${JSON.stringify(messages)}) window.postMessage(message, '*'); ${settled}`,
    );
    check();
  };
  const open = async (theme: Theme, width: number, language = 'english'): Promise<Panel> => {
    await page.setViewportSize({ width, height: 760 });
    await page.mouse.move(0, 0);
    await page.goto(`${site.origin}/?theme=${theme}&${language}&new`);
    await page.waitForSelector('.composer');
    problems = [];
    requests = [];
    lines.length = 0;
    const projection = createProjection();
    await post(projection.snapshot());
    const sent = (): Promise<readonly WebviewMessage[]> => sentBy(page);
    return { page, projection, post, sent, requests: () => requests, picture: (name) => picture(page, name) };
  };
  return { open, check, close: () => context.close(), page, console: lines };
}

/** What VS Code puts into a webview before its own scripts run. */
export async function installThemes(page: Page): Promise<void> {
  await page.addInitScript({ content: `(${installHost})(${JSON.stringify(themes)})` });
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(settled);
  await drawPicture(page, `panel-${name}`);
}

async function sentBy(page: Page): Promise<readonly WebviewMessage[]> {
  await page.evaluate(settled);
  const sent: unknown = await page.evaluate('window.sent.splice(0)');
  if (!Array.isArray(sent)) throw new Error('the page has no record of what it sent');
  return sent.map((value: unknown) => {
    const parsed = parseWebviewMessage(value);
    if ('problem' in parsed) throw new Error(parsed.problem);
    return parsed.message;
  });
}

/** All earlier messages were processed, and two frames drawn since. */
export const settled = `new Promise((done) => {
  addEventListener('message', function last({ data }) {
    if (data !== 'settled') return;
    removeEventListener('message', last);
    requestAnimationFrame(() => requestAnimationFrame(done));
  });
  postMessage('settled', '*');
})`;

/** Runs in the page before anything else: what VS Code puts there. */
const installHost = `(themes) => {
  window.sent = [];
  const address = new URL(location.href);
  const { bodyClass, variables } = themes[address.searchParams.get('theme')];
  if (address.searchParams.has('new')) {
    sessionStorage.clear();
    address.searchParams.delete('new');
    history.replaceState(undefined, '', address);
  }
  globalThis.acquireVsCodeApi = () => ({
    postMessage: (message) => window.sent.push(structuredClone(message)),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null'),
    setState: (value) => sessionStorage.setItem('state', JSON.stringify(value)),
  });
  addEventListener('click', (event) => {
    const link = event.composedPath().find((node) => node.tagName === 'A' && node.href);
    if (link) window.sent.push({ type: 'opened-by-vscode', href: link.href });
  });
  addEventListener('DOMContentLoaded', () => {
    document.body.className = bodyClass;
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
    document.documentElement.style.background = 'var(--vscode-sideBar-background)';
  });
}`;

async function readGerman(): Promise<Texts> {
  const read = async (name: string): Promise<Texts['panel']> =>
    textsSchema.parse(JSON.parse(await readFile(`media/l10n/${name}.l10n.de.json`, 'utf8')));
  return { language: 'de', panel: await read('panel'), core: await read('core') };
}

function page(origin: string, name: string, texts: Texts): string {
  const parts = { texts, style: `${origin}/webview.css`, cspSource: origin, nonce: 'bm9uY2Utb2YtdGhlLXRlc3Q' };
  if (name === 'grid') return gridPage({ ...parts, script: `${origin}/grid.js` });
  return chatPage({ ...parts, script: `${origin}/webview.js` });
}

function port(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
