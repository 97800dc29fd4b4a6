import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownToAdf } from '../../../../servers/jira/adf/from-markdown.ts';
import { effectsOf } from '../../../../servers/jira/adf/document.ts';
import { composeMessage } from '../../../../servers/slack/format/message.ts';
import { createEvidenceStore, type EvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { withOrigin } from '../../../../src/agent/policy/grants.ts';
import { expandPlaceholders } from '../../../../src/agent/evidence/placeholders.ts';
import { addObject, addTable } from '../evidence-samples.ts';
import { playRun, readTool, writeTool } from '../scripted.ts';

function place(text: string, store: EvidenceStore): string {
  const expansion = expandPlaceholders({ description: text }, store, 'create_jira_ticket');
  if (expansion.kind === 'unknown') throw new Error(expansion.message);
  return String(expansion.arguments['description']);
}

/** Hosts that the text would link to, in Jira and in Slack. */
function linkedBy(markdown: string): readonly string[] {
  return [...effectsOf(markdownToAdf(markdown).content).linkHosts, ...composeMessage(markdown, []).linkHosts];
}

function storeOf(...cells: readonly unknown[]): EvidenceStore {
  const store = createEvidenceStore();
  addTable(
    store,
    { url: 'text' },
    cells.map((cell) => [cell]),
  );
  return store;
}

describe('an address in a cell', () => {
  it.each([
    'https://evil.example/a?b=c',
    'see http://evil.example/a(b), or mailto:x@evil.example.',
    '<https://evil.example>',
    '[click](https://evil.example)',
    '![x](https://evil.example/p.png)',
    'ftp://evil.example/x',
    '//evil.example/x',
    'HTTPS://EVIL.EXAMPLE/`x`|y',
    { url: 'https://evil.example', list: ['mailto:a@evil.example'] },
  ])('is text, not a link: %j', (cell) => {
    for (const text of ['{{E1}}', 'It is {{E1[0].url}} there.', 'A ` left open, {{E1[0].url}}, and `closed`.'])
      expect(linkedBy(place(text, storeOf(cell)))).toEqual([]);
  });

  it('is shown unchanged', () => {
    expect(place('{{E1[0].url}}', storeOf('see (https://acme.example/a?b=1&c=2).'))).toBe(
      'see (`https://acme.example/a?b=1&c=2`).',
    );
  });

  it('never links, whatever surrounds it', () => {
    const address = fc.constantFrom('https://evil.example/', 'mailto:a@b.example', '//b.example', '``');
    const mark = fc.constantFrom('`', '|', '\\', '(', ')', '[', ']', '<', '>', '!', '*', '_', ' ', '\n', ':', '.', '"');
    const piece = fc.oneof(address, mark);
    const cell = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    const before = fc.constantFrom('', 'A ', '`a` ', 'b ` ', '`` c ', '**', '[x] ', '- ');
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 4 }), before, (cells, lead) => {
        const store = storeOf(...cells);
        expect(linkedBy(place(`x\n\n{{E1}}\n\n${lead}y {{E1[0].url}} z`, store))).toEqual([]);
      }),
    );
  });

  it('is a link if Jira or Slack assigned it to what we wrote', () => {
    const store = createEvidenceStore();
    addObject(store, 'create_jira_ticket', { issue_key: 'ENG-7', issue_url: 'https://acme.example/browse/ENG-7' });
    expect(linkedBy(place('{{E1.issue_url}}', store))).toEqual(['acme.example', 'acme.example']);
    expect(linkedBy(place('[ENG-7]({{E1.issue_url}})', store))).toEqual(['acme.example', 'acme.example']);
  });
});

it('a granted ticket with a table that holds addresses goes out', async () => {
  const orders = readTool('query_database', () => ({
    columns: [{ name: 'referrer', type: 'text' }],
    rows: [['https://shop.example/cart'], ['https://evil.example/?x']],
    row_count: 2,
  }));
  const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({ issue_key: 'ENG-1' }));
  const real = {
    ...ticket,
    call: async (...[input, options]: Parameters<typeof ticket.call>) => {
      const outcome = await ticket.call(input, options);
      if (outcome.kind === 'failure' || options.preview !== true) return outcome;
      const { linkHosts } = effectsOf(markdownToAdf(String(input['description'])).content);
      const preview = Object.assign({}, outcome.structured?.['preview'], { linkHosts });
      return { ...outcome, structured: { outcome: 'preview', preview } };
    },
  };
  const { end, tools } = await playRun({
    tools: [orders, real],
    grants: [withOrigin({ tool: 'create_jira_ticket', where: { project_key: ['ENG'] } }, 'policy-file')],
    play: (_, turn) =>
      turn === 1
        ? { calls: [{ name: 'postgres__query_database' }] }
        : turn === 2
          ? {
              calls: [
                {
                  name: 'jira__create_jira_ticket',
                  input: { project_key: 'ENG', summary: 'Odd referrers', description: '{{E1}}', issue_type: 'Bug' },
                },
              ],
            }
          : { text: 'Done.' },
  });
  expect(end).toMatchObject({ reason: 'completed' });
  expect(tools.sent.at(-1)?.input['description']).toContain('`https://evil.example/?x`');
});
