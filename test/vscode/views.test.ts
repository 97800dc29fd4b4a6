import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect } from 'vitest';
import { clickRow } from './window/click-row.ts';
import { eventually, momentMs } from './window/patience.ts';
import { write } from './window/quick-input.ts';
import { scene, shareScene, type Scene } from './window/scene.ts';
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

const connectedScene = shareScene({ connected: true });

describe('the Connections view', () => {
  connectedScene('turns tools off for the agent', async ({ window, stack, editor }) => {
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
  connectedScene('has nothing serious for axe in any kind of theme', async ({ window }) => {
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

const query = 'SELECT id, status, error_code, total, created_at FROM orders ORDER BY id';

describe('a result in the grid', () => {
  connectedScene('takes the rows of the next page, which is a run of its own', async ({ window, stack }) => {
    const before = stack.claude?.requests().length ?? 0;
    stack.claude?.play(({ exchanges }) =>
      exchanges.length > 0
        ? { text: 'Here they are.' }
        : { text: 'I look.', calls: [{ name: 'postgres__query_database', input: { query, limit: 60 } }] },
    );
    await window.ask('Show the orders');
    await window.runEnds();
    await window.chat.locator('.call-toggle').first().click();
    await window.button('Open E1 in grid').click();
    await window.page.locator('.tab.active', { hasText: 'E1 - Switchboard' }).waitFor();
    const webviews = window.page.locator('iframe.webview');
    await eventually(() => webviews.count()).toBe(2);
    // The grid's own document, which was opened last.
    const grid = window.chat;
    await grid.getByRole('grid', { name: 'Rows of E1' }).waitFor();
    await grid.getByRole('button', { name: 'Load next page' }).click();
    await eventually(() => grid.getByRole('status').innerText()).toBe('The first 120 rows; the source has more');
    await grid.getByRole('button', { name: 'id', exact: true }).click();
    await grid.getByRole('button', { name: 'id', exact: true }).click();
    await eventually(() => grid.locator('#cell-0-0').innerText()).toBe('120');
    await window.screenshot('grid');
    // The tab and its rows survive a reload of the window.
    await window.reloadWithEditors();
    await window.page.locator('.tab', { hasText: 'E1 - Switchboard' }).click();
    const frame = (index: number) =>
      webviews
        .nth(index)
        .contentFrame()
        .locator('#active-frame')
        .contentFrame()
        .getByRole('grid', { name: 'Rows of E1' });
    await eventually(async () => (await frame(0).isVisible()) || (await frame(1).isVisible())).toBe(true);
    // The page was read by the server's own checks, and is on record like any other call.
    expect(stack.claude?.requests()).toHaveLength(before + 2);
  });
});

// A long answer is followed to its end, and a reader's place further up is kept.

const paragraph =
  'The orders of this hour fail for the same reason as those of the hour before, and nobody has seen it.';
const longText = Array.from({ length: 15 }, (_, index) => `${index + 1}. ${paragraph}`).join('\n\n');

const answers = 20;

/** Distance from the end, in pixels. */
async function below({ window }: Scene): Promise<number> {
  return window.chat
    .locator('.transcript')
    .evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
}

async function place({ window }: Scene): Promise<number> {
  return window.chat.locator('.transcript').evaluate(({ scrollTop }) => scrollTop);
}

/** Scrolls up until the view has moved and stopped. */
async function scrollUp(given: Scene): Promise<number> {
  const before = await place(given);
  await given.window.chat.locator('.transcript').hover();
  await given.window.page.mouse.wheel(0, -500);
  await eventually(() => place(given)).toBeLessThan(before - 400);
  let last = await place(given);
  await eventually(async () => {
    const [earlier, now] = [last, await place(given)];
    last = now;
    return now - earlier;
  }).toBe(0);
  return last;
}

/** Each answer is long text, a call, long text again, and, once `open` is called, more long text. */
function playLongAnswers({ stack }: Scene): () => void {
  let open: () => void = () => undefined;
  stack.claude?.play(async ({ exchanges, find }) => {
    const call = { name: find('list_tables') ?? find('query_database') ?? 'none', input: {} };
    if (exchanges.length === 0) return { text: longText, calls: [call] };
    if (exchanges.length === 1) return { text: longText, calls: [call] };
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    return { text: `${longText}\n\nThis is the end.` };
  });
  return () => open();
}

describe('the view of a conversation', () => {
  connectedScene(
    `follows ${answers} long answers of ${answers}, and keeps the place in ${answers} of ${answers}`,
    async (given) => {
      const { window } = given;
      await window.openChat();
      // With motion, scrolling takes time.
      await window.page.emulateMedia({ reducedMotion: 'no-preference' });
      const goOn = playLongAnswers(given);
      let [followed, kept] = [0, 0];
      for (let answer = 1; answer <= answers; answer += 1) {
        const composer = window.chat.getByLabel('Ask Switchboard');
        await write(composer, `Question ${answer}`);
        await composer.press('Enter');
        await window.chat
          .locator('run-view')
          .nth(answer - 1)
          .locator('tool-call .call.failed, tool-call .call.ok')
          .nth(1)
          .waitFor();
        await window.chat.getByText('Working…').waitFor();
        if ((await below(given)) < 2) followed += 1;
        const read = await scrollUp(given);
        goOn();
        await window.runEnds(answer);
        if ((await place(given)) === read) kept += 1;
      }
      expect({ followed, kept }).toEqual({ followed: answers, kept: answers });
      // The button back says how much is new.
      await window.screenshot('newest');
      await window.chat.getByRole('button', { name: /^Newest \(\d+ new\)$/u }).click();
      await eventually(() => below(given)).toBeLessThan(2);
      await window.screenshot('pinned-prompt');
      expect(await window.chat.locator('.pin').last().innerText()).toContain(`Question ${answers}`);
    },
  );
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
