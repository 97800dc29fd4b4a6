import { describe, expect, test } from 'vitest';
import type { WebviewMessage } from '../../../src/chat/messages.ts';
import { queryRows } from '../../../src/chat/evidence-query.ts';
import { failures, troubled, troubledEnd, untilEnd, untilMessage, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, button, open, usePanels } from './panel-play.ts';
import { eventually } from '../window/patience.ts';

usePanels();

const allRows = { filter: '' };

describe('evidence and results', () => {
  test('an evidence id in the answer opens its table and moves the focus there', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E2').first().click();
    await eventually(() => panel.page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(
      'Evidence E2',
    );
  });

  test('a table sorts up, down and back, numbers as numbers', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E2').first().click();
    const table = panel.page.getByRole('region', { name: 'Evidence E2' });
    const first = async (): Promise<string> => table.locator('tbody tr').first().locator('td').nth(1).innerText();
    const heading = table.getByRole('button', { name: 'orders', exact: true });
    const seen = [await first()];
    for (let click = 0; click < 3; click += 1) {
      await heading.click();
      seen.push(await first());
    }
    expect(seen).toEqual(['40', '40', '97', '40']);
  });

  test('a table that is not all here is sorted and filtered by the host, and says over what', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => [`CODE_${index}`, index, null]);
    const long = { ...failures, id: 'E1', rows, rowCount: rows.length };
    const panel = await after(...untilTicket.filter(({ type }) => type !== 'evidence-added'), {
      type: 'evidence-added',
      callId: 'call-1',
      evidence: long,
    });
    await panel.page.locator('.call-toggle').first().click();
    const table = panel.page.getByRole('region', { name: 'Evidence E1' });
    const heading = table.getByRole('button', { name: 'failed_count', exact: true });
    await heading.click();
    await heading.click();
    const query = { filter: '', sort: { column: 1, descending: true } };
    const asked = (await panel.sent()).at(-1);
    expect(asked).toEqual({ type: 'query-evidence', id: 'E1', ...query });
    // An answer to an earlier question changes nothing.
    await panel.post({ type: 'evidence-rows', id: 'E1', query: allRows, rows: [], matching: 0 });
    await panel.post({ type: 'evidence-rows', id: 'E1', query, ...queryRows(rows, query) });
    const first = table.locator('tbody tr').first().locator('td').nth(1);
    await eventually(() => first.innerText()).toBe('999');
    expect(await table.locator('header .words').innerText()).toBe('first 200 of 1,000 rows');
    const filtered = { ...query, filter: 'code_99' };
    await table.getByLabel('Filter rows of E1').fill(filtered.filter);
    expect((await panel.sent()).at(-1)).toEqual({ type: 'query-evidence', id: 'E1', ...filtered });
    await panel.post({ type: 'evidence-rows', id: 'E1', query: filtered, ...queryRows(rows, filtered) });
    await eventually(() => table.locator('header .words').innerText()).toBe('11 matching in 1,000 rows');
    await panel.picture('filtered-dark-400');
  });

  test('a table whose source has more says that the rest takes no part in the order', async () => {
    const evidence = { ...failures, truncated: true };
    const panel = await after(...untilTicket, { type: 'evidence-added', callId: 'call-1', evidence });
    await panel.page.locator('.call-toggle').first().click();
    const table = panel.page.getByRole('region', { name: 'Evidence E1' });
    await table.getByRole('button', { name: 'failed_count', exact: true }).click();
    expect(await table.locator('header .words').innerText()).toBe('first 2 rows sorted, the source has more');
  });

  test('a query that groups draws its chart unasked, under the same content policy, and it can be put away', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    expect(panel.requests()).toEqual([]);
    await button(panel, 'E2').first().click();
    await panel.page.locator('.chart svg').waitFor();
    expect(panel.requests().map((address) => new URL(address).pathname)).toEqual(['/chart.js']);
    expect(await panel.page.locator('.legend li').allInnerTexts()).toEqual(['orders', 'failed']);
    await panel.picture('chart-dark-400');
    await button(panel, 'Chart of E2').click();
    await eventually(() => panel.page.locator('.chart').count()).toBe(0);
  });

  test('a chart is saved as SVG and PNG, with the colours of the theme', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E2').first().click();
    await panel.page.locator('.chart svg').waitFor();
    await panel.sent();
    for (const format of ['SVG', 'PNG']) await button(panel, `Save chart of E2 as ${format}`).click();
    const saved: WebviewMessage[] = [];
    await eventually(async () => saved.push(...(await panel.sent()))).toBe(2);
    const [svg, png] = saved.flatMap((message) => (message.type === 'save-chart' ? [message.data] : []));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/u);
    expect(svg).not.toMatch(/var\(--|currentColor|<script|href=/u);
    expect(svg).toContain('>failed</text>');
    expect(
      Buffer.from(png ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  test('{{E1}} and {{E2 chart}} in an answer are the live table and chart, in place', async () => {
    const panel = await after(...untilTicket, {
      type: 'text-delta',
      text: 'Most fail for one reason, {{E1[0].failed_count}} of them.\n\n{{E1}}\n\nBy hour:\n\n{{E2 chart}}\n\nNot there: {{E9}}. {{E1 col',
    });
    const answer = panel.page.locator('markdown-text').last();
    // The second query groups, so it has its chart as well.
    await eventually(() => answer.locator('.chart svg').count()).toBe(2);
    expect(await answer.innerText()).not.toContain('{');
    expect(
      await answer.locator('> .markdown > *').evaluateAll((found) => found.map(({ localName }) => localName)),
    ).toEqual(['p', 'evidence-table', 'p', 'evidence-table', 'p']);
    expect(await answer.locator('p').allInnerTexts()).toEqual([
      'Most fail for one reason, 12 of them.',
      'By hour:',
      'Not there: E9.',
    ]);
    await answer.getByRole('button', { name: 'failed_count', exact: true }).click();
    await eventually(() => answer.locator('tbody tr').first().locator('td').nth(1).innerText()).toBe('2');
    await panel.page.locator('.transcript').evaluate((element) => element.scrollTo(0, 99_999));
    await panel.picture('answer-with-data-dark-400');
  });

  test('queries and tables are opened and copied by the host', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E1').first().click();
    for (const name of ['Open E1 in grid', 'Open E1 in editor', 'Copy E1 as CSV', 'Open query in editor']) {
      await panel.page.getByLabel(name).first().click();
    }
    expect(await panel.sent()).toEqual([
      { type: 'open-grid', id: 'E1' },
      { type: 'open-evidence', id: 'E1' },
      { type: 'copy-evidence', id: 'E1' },
      { type: 'open-query', callId: 'call-1' },
    ]);
  });

  test('links and places in the code are opened by the host', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    for (const name of ['the runbook', 'src/tax.ts:41', 'ENG-57']) {
      await panel.page.getByRole('link', { name, exact: true }).first().click();
    }
    expect(await panel.sent()).toEqual([
      { type: 'open-link', url: 'https://wiki.example.com/orders' },
      { type: 'open-file', path: 'src/tax.ts', line: 41 },
      { type: 'open-link', url: 'https://shop.atlassian.net/browse/ENG-57' },
    ]);
  });

  test('a failure says what to do, and a failed run can be retried', async () => {
    const panel = await after(...troubled, troubledEnd);
    await panel.page.locator('.call-toggle').nth(1).click();
    await button(panel, 'Set Up Connections').click();
    await button(panel, 'Try Again').click();
    expect(await panel.sent()).toEqual([
      { type: 'run-command', command: 'switchboard.setUpConnections' },
      { type: 'resume', run: 'run-2' },
    ]);
  });

  test('a prompt without a configured model leads to what is missing', async () => {
    const message = 'No language model is connected.';
    const rejected = { type: 'prompt-rejected', message, code: 'not_configured' } as const;
    const panel = await after({ type: 'prompt-sent', text: 'Why?', context: [] }, rejected);
    expect(await panel.page.locator('.run-end').innerText()).toContain(message);
    await button(panel, 'Set Up Connections').click();
    expect(await panel.sent()).toEqual([{ type: 'run-command', command: 'switchboard.setUpConnections' }]);
  });

  test('a retry counts down from the given delay', async () => {
    const delay = {
      type: 'retry-scheduled',
      reason: 'Claude is overloaded (529)',
      attempt: 2,
      delayMs: 600_000,
    } as const;
    const { page, post, projection } = await open();
    await page.evaluate('Date.now = () => 0');
    await post(projection.apply([...troubled, delay]));
    const seconds = async (): Promise<number> => {
      const said = await page.locator('retry-notice').innerText();
      return Number(/overloaded \(529\)\. Trying again in (\d+) s\./u.exec(said)?.[1]);
    };
    expect(await seconds()).toBe(600);
    await page.evaluate('Date.now = () => 4000');
    await eventually(seconds).toBe(596);
  });
});
