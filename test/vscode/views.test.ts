import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect } from 'vitest';
import { clickRow } from './window/click-row.ts';
import { eventually, momentMs } from './window/patience.ts';
import { scene } from './window/scene.ts';
import type { Workbench } from './window/workbench.ts';

/**
 * Clicks on the ticked boxes of these tools in one go, once all of them are there. VS Code loses clicks on the children of
 * an item that it is drawing anew, which the Slack server is when its state changes: all of them, or none.
 */
async function untick({ page }: Workbench, tools: readonly string[]): Promise<boolean> {
  const clicked: unknown = await page.evaluate(`(() => {
    const rows = [...document.querySelectorAll('.monaco-list-row')];
    const boxes = ${JSON.stringify(tools)}.map((tool) => rows
      .find((row) => row.textContent.includes(tool))
      ?.querySelector('.custom-view-tree-node-item-checkbox[aria-checked=true]'));
    if (boxes.includes(undefined) || boxes.includes(null)) return false;
    for (const box of boxes) box.click();
    return true;
  })()`);
  return clicked === true;
}

describe('the Connections view', () => {
  scene('turns tools off for the agent', { connected: true }, async ({ window, stack, editor }) => {
    await window.run('Switchboard: Focus on Connections View');
    const server = window.page.getByRole('treeitem', { name: /^Slack, ready/u });
    await server.waitFor();
    await clickRow({ row: server, text: 'Slack' });
    // In quick succession: the second does not undo the first.
    const tools = ['list_slack_channels', 'read_slack_channel'];
    const settings = (): Promise<string> => readFile(join(editor.folder, 'user/Machine/settings.json'), 'utf8');
    await eventually(async () => {
      const text = await settings();
      if (tools.some((tool) => text.includes(`slack__${tool}`))) return true;
      // Only visible rows exist. The keyboard scrolls to the next one.
      if (!(await untick(window, tools))) await window.page.keyboard.press('ArrowDown');
      return false;
    }).toBe(true);
    for (const tool of tools) await eventually(settings).toContain(`slack__${tool}`);
    await window.screenshot('tools');
    await window.ask('What can you do?');
    const offered = (): readonly string[] =>
      stack.claude?.requests().findLast(({ conversation }) => conversation?.prompt.includes('What can you do?'))
        ?.conversation?.tools ?? [];
    await eventually(offered).toContain('slack__post_slack_message');
    for (const tool of tools) expect(offered()).not.toContain(`slack__${tool}`);
    await window.runEnds();
  });
});

/** Only the chat: the rest of the window is VS Code's. */
async function seriousFaults(window: Workbench): Promise<readonly string[]> {
  // VS Code draws the ground behind the frame, where axe does not look.
  await window.chat.locator('body').evaluate((body) => {
    body.style.backgroundColor = 'var(--vscode-sideBar-background)';
  });
  const { violations } = await new AxeBuilder({ page: window.page })
    .include(['iframe.webview', '#active-frame', 'body'])
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

const themes = [
  ['dark', 'Dark Modern', 'vscode-dark'],
  ['high-contrast', 'Dark High Contrast', 'vscode-high-contrast'],
  ['light', 'Light Modern', 'vscode-light'],
] as const;

describe('the chat', () => {
  scene('has nothing serious for axe in any kind of theme', { connected: true }, async ({ window }) => {
    await window.ask('How many customers are there?');
    await window.runEnds();
    for (const [name, theme, kind] of themes) {
      await window.run('Preferences: Color Theme');
      await window.quickInput.filter(theme);
      await window.quickInput.choose(theme);
      await window.chat.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
      await window.screenshot(`panel-in-${name}`);
      expect(await seriousFaults(window), theme).toEqual([]);
    }
  });
});

describe('the extension', () => {
  scene('is started by its view, and VS Code says how long that took', {}, async ({ window }) => {
    await window.openChat();
    await window.run('Developer: Show Running Extensions');
    const list = window.page.locator('.runtime-extensions-editor');
    const row = list.locator('.monaco-list-row', { hasText: 'Switchboard' });
    await list.locator('.monaco-list-row').first().click();
    await eventually(async () => {
      if (await row.isVisible()) return row.innerText({ timeout: momentMs });
      // Only visible rows exist.
      await window.page.keyboard.press('PageDown');
      return '';
    }).toMatch(/Activation.*\d+ ?ms/su);
    await window.screenshot('running-extensions');
  });
});

describe("VS Code's own agent", () => {
  const withAgents = { connected: true, settings: { 'chat.disableAIFeatures': false } };
  scene('is offered the servers, which get their secrets when they are started', withAgents, async ({ window }) => {
    await window.run('MCP: List Servers');
    await window.quickInput.choose('Switchboard Jira');
    await window.quickInput.choose('Start Server');
    await eventually(async () => {
      await window.run('MCP: List Servers');
      const text = await window.quickInput.row('Switchboard Jira').innerText({ timeout: momentMs });
      await window.quickInput.close();
      return text;
    }).toContain('Running');
  });
});
