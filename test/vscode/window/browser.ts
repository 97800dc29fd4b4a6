import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type BrowserServer } from 'playwright-core';

const run = promisify(execFile);

/** The one without windows first: its pages take a fifth less processor time. */
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
] as const;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

/** A headless Chromium: from CHROME_PATH, PATH or Playwright, or installed if possible. */
export async function startBrowser(): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath: await findChromium(), headless: true, args: [...flags] });
}

/** @throws Error that says how to get one. */
export async function findChromium(): Promise<string> {
  const wanted = process.env['CHROME_PATH'];
  if (wanted !== undefined && wanted !== '') {
    if (await isExecutable(wanted)) return wanted;
    throw new Error(`CHROME_PATH is ${wanted}, which is not an executable file`);
  }
  const found = (await onPath()) ?? (await playwrights());
  if (found !== undefined) return found;
  const problem = await install();
  const installed = await onPath();
  if (installed !== undefined) return installed;
  throw new Error(
    `These tests need Chromium or Chrome. Install one (apt-get install chromium-headless-shell, or npx playwright-core install chromium), ` +
      `or set CHROME_PATH to its executable.${problem === undefined ? '' : ` Installing it here failed: ${problem}`}`,
  );
}

async function onPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder !== '' && (await isExecutable(path))) return path;
    }
  }
  return undefined;
}

async function playwrights(): Promise<string | undefined> {
  const path = chromium.executablePath();
  return (await isExecutable(path)) ? path : undefined;
}

/** Installs with Debian's package manager, as root. Returns the error, if it was tried. */
async function install(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env: environment, timeout: 120_000 });
  } catch (error) {
    return messageOf(error);
  }
  const install = (name: string): Promise<unknown> =>
    run('apt-get', ['install', '-y', '-qq', name], { env: environment, timeout: 240_000 });
  // Older releases of Debian have only the second.
  return install('chromium-headless-shell')
    .catch(() => install('chromium'))
    .then(() => undefined, messageOf);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
