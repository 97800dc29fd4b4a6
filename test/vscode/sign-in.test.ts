import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { startProtectedServer, type ProtectedServer } from '../src/mcp/fixtures/protected-server.ts';
import { consent } from './window/consent.ts';
import { eventually } from './window/patience.ts';
import { descendants } from './window/processes.ts';
import { scene, type Scene } from './window/scene.ts';

/**
 * Of the authorization server. VS Code in a browser sends what is on 127.0.0.1 through its own server, where the
 * addresses of another do not fit.
 */
const otherLoopback = '::1';

/** Has the agent call the server's tool, approves it, and sees the sum. */
async function callTool({ window, stack }: Scene, a: number): Promise<void> {
  stack.claude?.play((conversation) => {
    const sum = conversation.exchanges.at(-1);
    if (sum !== undefined) return { text: `The sum is ${sum.text.match(/\b\d+\b/u)?.[0] ?? 'not there'}.` };
    return { text: 'I add.', calls: [{ name: 'far__add', input: { a, b: 1 } }] };
  });
  await window.ask(`Add ${a} and 1`);
  await window.approve.click();
  await window.chat.getByText(`The sum is ${a + 1}.`).waitFor();
  await window.button('Send').waitFor();
}

/** VS Code asks for two seconds how its extension host ended, and starts none where the answer takes longer. */
const withoutGivingUp = `{
  const { setTimeout } = window;
  window.setTimeout = (act, ms, ...rest) => setTimeout(act, ms === 2000 ? 600_000 : ms, ...rest);
}`;

function extensionHosts({ editor }: Scene): readonly number[] {
  return descendants(editor.server.pid)
    .filter(({ commandLine }) => commandLine.includes('--type=extensionHost'))
    .map(({ pid }) => pid);
}

async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path, 'latin1')).includes(text)) found.push(path);
  }
  return found;
}

let server: ProtectedServer | undefined;

async function machineSettings(): Promise<Readonly<Record<string, unknown>>> {
  server = await startProtectedServer(otherLoopback);
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-remote-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'mcp.json');
  await writeFile(file, JSON.stringify({ servers: { far: { type: 'http', url: server.resource } } }));
  return { 'switchboard.mcpConfig': file };
}

describe('a remote MCP server that requires a sign-in', () => {
  scene(
    'is signed in to once, in the browser, and then used and refreshed',
    { connected: true, machineSettings },
    async (given) => {
      const { window, editor } = given;
      if (server === undefined) throw new Error('There is no server.');
      const { authorization, requests } = server;
      const asked = (path: string): number =>
        authorization.requests.filter(({ url = '' }) => url.split('?')[0] === path).length;

      await window.run('Switchboard: Focus on Connections View');
      const row = window.page.getByRole('treeitem', { name: /^far, .*asks for a sign-in/u });
      await row.waitFor();
      expect(asked('/auth')).toBe(0);

      await window.run('Switchboard: Sign In to MCP Server...');
      const opened = window.page.context().waitForEvent('page');
      await window.quickInput.choose('far');
      const browser = await opened;
      await consent(browser);
      await browser.close();
      await window.page.getByRole('treeitem', { name: /^far, ready/u }).waitFor();
      await callTool(given, 2);

      const token = requests.at(-1)?.headers.authorization?.replace('Bearer ', '') ?? '';
      expect(token).not.toBe('');
      expect(await filesWith(editor.folder, token)).toEqual([]);

      // As when VS Code starts again: the new process knows only what is stored. A window that is loaded again in a
      // browser has lost what VS Code stored for it.
      const [before] = extensionHosts(given);
      if (before === undefined) throw new Error('There is no extension host.');
      await window.page.evaluate(withoutGivingUp);
      process.kill(before, 'SIGKILL');
      await eventually(() => extensionHosts(given).filter((pid) => pid !== before).length).toBe(1);
      await window.page.getByRole('treeitem', { name: /^far, ready/u }).waitFor();
      await callTool(given, 3);
      expect(asked('/auth')).toBe(1);
      expect(asked('/token')).toBe(1);

      authorization.expireNextToken();
      await callTool(given, 4);
      expect(asked('/auth')).toBe(1);
      await eventually(() => asked('/token')).toBe(2);
      expect(requests.at(-1)?.headers.authorization).not.toBe(`Bearer ${token}`);
    },
  );
});
