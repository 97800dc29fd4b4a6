import { describe, expect } from 'vitest';
import { eventually, momentMs } from './window/patience.ts';
import { browser, shareScene, type Scene } from './window/scene.ts';
import { Workbench } from './window/workbench.ts';

/** Where an input box says that it is: `(2/6)`. */
async function counter({ window }: Scene): Promise<string> {
  return /\(\d+\/\d+\)/u.exec(await window.quickInput.widget.locator('.quick-input-titlebar').innerText())?.[0] ?? '';
}

const scene = shareScene({});

describe('with nothing connected', () => {
  scene('what cannot be done is said at once, with what to do about it', async (given) => {
    const { window, variable } = given;
    await window.openChat();
    await window.chat.getByRole('button', { name: /^Investigate Failed Orders/u }).click();
    const said = /'Investigate failed orders' needs Claude, PostgreSQL, Jira, and Slack\. Connect them first\./u;
    await window.notices.text(said);
    expect(await window.quickInput.widget.isVisible()).toBe(false);
    await window.screenshot('unconnected');
    await window.notices.press(said, 'Set Up Connections');
    await window.quickInput.choose('PostgreSQL');
    // Of the questions that are asked, none is left out of the count, and none that is not asked is counted.
    const counters = [];
    for (const [prompt, name] of [
      ['Host of the PostgreSQL server', 'DB_HOST'],
      ['Port', 'DB_PORT'],
      ['Database', 'DB_NAME'],
      ['Role', 'DB_USER'],
      ['Password for this role', 'DB_PASSWORD'],
    ] as const) {
      await window.quickInput.widget.getByText(prompt).first().waitFor();
      counters.push(await counter(given));
      await window.quickInput.answer(prompt, variable(name));
    }
    await eventually(() => counter(given)).toBe('(6/6)');
    expect(counters).toEqual(['(1/6)', '(2/6)', '(3/6)', '(4/6)', '(5/6)']);
    await window.quickInput.choose('verify-full');
    await eventually(() => counter(given)).toBe('(7/7)');
    await window.page.keyboard.press('Escape');
    await window.quickInput.choose('Done');
    await window.chat.getByRole('button', { name: /^File Jira Bug from Selection/u }).click();
    await window.notices.press('Select the code that the bug is about first.', 'Go to File');
    await window.quickInput.widget.waitFor();
    await window.quickInput.close();
  });
});

describe('the extension', () => {
  scene('is started by its view, and VS Code says how long that took', async ({ window }) => {
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
    // It is modal: the palette does not open over it.
    await window.page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
  });

  // Another window of the same VS Code: its words stay English, because its German is a package of its own.
  scene('speaks German where that is the display language', async ({ editor, stack }) => {
    const window = await Workbench.open(await browser(), editor.server.url, stack.workspace.folder, 'de');
    try {
      await window.run('Switchboard: Chat öffnen');
      await window.chat.getByRole('heading', { name: 'Was soll untersucht werden?' }).waitFor();
      expect(await window.chat.locator('html').getAttribute('lang')).toBe('de');
      await window.page
        .getByRole('button', { name: /^Verbindungen/u })
        .first()
        .waitFor();
      await window.run('Switchboard: Prüfprotokoll überprüfen');
      await window.notices.text('Das Prüfprotokoll ist leer. Es wurde noch kein Tool aufgerufen.');
      await window.screenshot('german');
    } finally {
      await window.close();
    }
  });
});
