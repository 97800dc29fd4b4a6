import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { HostMessage } from '../../../src/chat/messages.ts';
import { bundleSchema } from '../../stack/translations.ts';
import { troubled, troubledEnd, untilEnd, untilMessage, untilTicket } from '../../src/chat/recorded-run.ts';
import { chips, openGerman, usePanels } from './panel-play.ts';

usePanels();

const connections: HostMessage = {
  type: 'connections',
  model: { label: 'Claude Opus 5.5', state: 'untested', detail: 'Claude Opus 5.5' },
  servers: [
    { id: 'postgres', title: 'PostgreSQL', state: 'ready', detail: 'shop auf db.internal' },
    { id: 'jira', title: 'Jira', state: 'failed', detail: 'Das Token wurde abgelehnt.' },
    { id: 'slack', title: 'Slack', state: 'not-configured', detail: '' },
  ],
};

/** Whether a text is one of ours in English, with any values. */
async function readEnglish(): Promise<(text: string) => boolean> {
  const read = async (name: string) =>
    Object.entries(bundleSchema.parse(JSON.parse(await readFile(`media/l10n/${name}.l10n.de.json`, 'utf8'))));
  const all = [...(await read('panel')), ...(await read('core'))].filter(([english, german]) => english !== german);
  const exact = new Set(all.map(([english]) => english));
  const patterns = all
    .map(([english]) => english)
    .filter((english) => english.includes('{') && english.replaceAll(/\{\d\}/g, '').trim().length > 8)
    .map(
      (english) =>
        new RegExp(`^${english.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{\d\}/g, '.+')}$`, 's'),
    );
  return (text) => exact.has(text) || patterns.some((pattern) => pattern.test(text));
}

/** What a person reads or hears, without what others wrote. */
function shownTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    // Names of arguments and columns among them.
    const foreign =
      '.prompt p, .pin, markdown-text, td, code, pre, .call-summary, dd, .preview-title, .text-marks, del, ins, .call-body dt, .legend, th, svg';
    const texts = [];
    for (const element of document.querySelectorAll('body *:not(script)')) {
      if (element.closest(foreign) !== null) continue;
      for (const name of ['title', 'aria-label', 'placeholder']) texts.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent ?? '');
    }
    return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim()).filter((text) => text !== '');
  });
}

test('every state of the panel is in German, without a word of English that is ours', async () => {
  const isEnglish = await readEnglish();
  const panel = await openGerman('light', 300);
  const { page, projection } = panel;
  const seen = new Set<string>();
  const check = async (state: string): Promise<void> => {
    await panel.picture(`german-${state}`);
    const texts = await shownTexts(page);
    for (const text of texts) seen.add(text);
    expect(texts.filter(isEnglish), state).toEqual([]);
    const [inner, outer] = await Promise.all(
      ['scrollWidth', 'clientWidth'].map((key) => page.evaluate(`document.querySelector('.transcript').${key}`)),
    );
    expect(inner, `${state} is wider than the view`).toBe(outer);
  };
  await panel.post(connections, { type: 'context', chips });
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await check('empty');
  await panel.post(projection.apply(untilTicket));
  await check('card');
  await page.getByRole('button', { name: 'Bearbeiten', exact: true }).click();
  await check('card-edit');
  await panel.post(projection.apply(untilMessage));
  await check('message');
  for (const line of await page.locator('.call-toggle').all()) await line.click();
  await check('calls');
  await panel.post(projection.apply([...untilEnd, ...troubled]));
  await check('retry');
  await panel.post(projection.apply([troubledEnd]));
  await check('failed');
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'Was soll untersucht werden?',
      'Genehmigen (nicht alles gesehen)',
      'Jira-Ticket erstellen',
      'Senden',
    ]),
  );
});
