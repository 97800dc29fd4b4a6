import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { parseWebviewMessage, type HostMessage, type WebviewMessage } from '../../src/chat/messages.ts';
import { chatPage } from '../../src/chat/page.ts';
import { createProjection, type Projection } from '../../src/chat/projection.ts';
import themes from './themes.json' with { type: 'json' };

const dist = new URL('../../dist/', import.meta.url);
const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));
const types = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' } as const;

export type Theme = keyof typeof themes;

export interface Panel {
  readonly page: Page;
  /** The host's end, as in the extension. */
  readonly projection: Projection;
  readonly post: (...messages: readonly HostMessage[]) => Promise<void>;
  /** What the webview has sent since the last call. Fails if any of it is not what the host accepts. */
  readonly sent: () => Promise<readonly WebviewMessage[]>;
  /** Into test/vscode/screenshots. */
  readonly picture: (name: string) => Promise<void>;
}

export interface PanelSite {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Serves the real page, with its real content security policy, from dist. */
export async function startPanelSite(): Promise<PanelSite> {
  const files = new Map<string, Buffer>();
  for (const name of ['webview.js', 'webview.css', 'chart.js', 'codicon.ttf'])
    files.set(name, await readFile(new URL(name, dist)));
  let origin = '';
  const server = createServer((request, response) => {
    const name = (request.url ?? '').replace(/^\/|\?.*$/gu, '');
    const file = files.get(name);
    const type = Object.entries(types).find(([extension]) => name.endsWith(`.${extension}`))?.[1] ?? 'text/html';
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.end(name === '' ? page(origin) : (file ?? (response.writeHead(404), '')));
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

/** The panel in a page of its own, in one of VS Code's themes, with a host that answers `ready` as the extension does. */
export async function openPanel(browser: Browser, site: PanelSite, theme: Theme, width: number): Promise<Panel> {
  const context = await browser.newContext({ viewport: { width, height: 760 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') problems.push(line.text());
  });
  await page.addInitScript({ content: `(${installHost})(${JSON.stringify(themes[theme])})` });
  await page.goto(site.origin);
  await page.waitForSelector('.composer');
  const projection = createProjection();
  const post = async (...messages: readonly HostMessage[]): Promise<void> => {
    for (const message of messages) await page.evaluate(`window.postMessage(${JSON.stringify(message)}, '*')`);
    await page.evaluate(settled);
    if (problems.length > 0) throw new Error(`the page reported: ${problems.join('; ')}`);
  };
  await post(projection.snapshot());
  return { page, projection, post, sent: () => sentBy(page), picture: (name) => picture(page, name) };
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(settled);
  await page.screenshot({ path: `${screenshots}panel-${name}.png` });
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

/** Two frames: messages have been taken in and everything that follows is drawn. */
const settled = `new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done))))`;

/** Runs in the page before anything else: what VS Code puts there. */
const installHost = `({ bodyClass, variables }) => {
  window.sent = [];
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

function page(origin: string): string {
  const parts = { script: `${origin}/webview.js`, style: `${origin}/webview.css` };
  return chatPage({ ...parts, cspSource: origin, nonce: 'bm9uY2Utb2YtdGhlLXRlc3Q' });
}

function port(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
