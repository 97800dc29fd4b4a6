import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ApprovalRequest } from '../../../../src/agent/approval.ts';
import { linksOnlyTo } from '../../../../src/agent/origin/place-permalink.ts';
import { withOrigin } from '../../../../src/agent/policy/grants.ts';
import type { Arguments } from '../../../../src/agent/tools.ts';
import { lastResults, playRun, readTool, writeTool, type PlayedTurn, type ScriptedTool } from '../scripted.ts';

const permalink = 'https://git.example/shop/orders/blob/abc1234/src/pay.ts#L57';
const names = ['path', 'line', 'commit', 'permalink'];
const columns = names.map((name) => ({ name, type: name === 'line' ? 'integer' : 'text' }));

function failures(...codes: readonly string[]): ScriptedTool {
  const at = '2026-11-30T09:00:00Z';
  return readTool('query_database', () => ({
    columns: [
      { name: 'error_code', type: 'text' },
      { name: 'first_seen', type: 'timestamptz' },
    ],
    rows: codes.map((code) => [code, at]),
  }));
}

const origin = readTool(
  'find_error_origin',
  () => ({ columns, rows: [['src/pay.ts', 57, 'abc1234def56', permalink]] }),
  'workspace',
);
const ticket = ((): ScriptedTool => {
  const tool = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({
    issue_key: 'ENG-1',
    issue_url: 'https://jira.example/browse/ENG-1',
  }));
  return {
    ...tool,
    call: async (input, options) => {
      const outcome = await tool.call(input, options);
      if (options.preview !== true || outcome.kind === 'failure') return outcome;
      const preview = { ...z.looseObject({}).parse(outcome.structured?.['preview']), linkHosts: ['git.example'] };
      return { ...outcome, structured: { outcome: 'preview', preview } };
    },
  };
})();

const query: PlayedTurn = { calls: [{ name: 'postgres__query_database', input: { query: 'SELECT' } }] };
const done: PlayedTurn = { text: 'Done.' };

function filing(description: string): PlayedTurn {
  const input = { project_key: 'ENG', summary: 'Orders fail', description };
  return { calls: [{ name: 'jira__create_jira_ticket', input }] };
}

const grant = withOrigin(
  { tool: 'create_jira_ticket', where: { project_key: ['ENG'] }, require: ['verified-numbers'] },
  'person',
);

/** The person is asked only if something speaks against it. */
async function file(description: string, grants = [grant]) {
  const asked: ApprovalRequest[] = [];
  const run = await playRun({
    play: (_, turn) => [query, filing(description), done][turn - 1] ?? done,
    tools: [failures('PAYMENT_TIMEOUT'), origin, ticket],
    grants,
    ask: (request) => {
      asked.push(request);
      return { kind: 'approve', scope: 'once' };
    },
  });
  const sent: Arguments = run.tools.sent.at(-1)?.input ?? {};
  return { request: asked[0], description: sent['description'] };
}

describe('a result with an error', () => {
  it('leads to the code by itself, after all calls of its turn, and the model is told', async () => {
    const run = await playRun({
      play: (_, turn) => (turn === 1 ? { calls: [...(query.calls ?? []), { name: 'postgres__list_tables' }] } : done),
      tools: [failures('PAYMENT_TIMEOUT'), readTool('list_tables', () => ({ tables: [] })), origin],
    });
    expect(run.faults).toEqual([]);
    expect(run.tools.sent.map(({ name }) => name)).toEqual([
      'postgres__query_database',
      'postgres__list_tables',
      'workspace__find_error_origin',
    ]);
    expect(run.tools.sent[2]?.input).toEqual({ error: 'PAYMENT_TIMEOUT', first_seen: '2026-11-30T09:00:00.000Z' });
    // Two turns: nothing asked the model.
    expect(run.model.requests).toHaveLength(2);
    const [told, other] = run.model.requests[1] === undefined ? [] : lastResults(run.model.requests[1]);
    expect(told?.text).toMatch(
      /looked in the open code for the lines that raise the errors in E1:[\s\S]*E3[\s\S]*src\/pay\.ts/u,
    );
    expect(other?.text).not.toContain('src/pay.ts');
    const shown = run.events.flatMap((event) => (event.type === 'tool-call-proposed' ? [event.title] : []));
    expect(shown).toEqual(['query_database', 'list_tables', 'find_error_origin']);
  });

  it('is looked up once in a session, two of a result, and never without a folder or for others’ rows', async () => {
    const traces = async (turns: readonly PlayedTurn[], ...tools: readonly ScriptedTool[]): Promise<number> => {
      const run = await playRun({ play: (_, turn) => turns[turn - 1] ?? done, tools });
      return run.tools.sent.filter(({ name }) => name.endsWith('find_error_origin')).length;
    };
    expect(await traces([query, query], failures('A_CODE'), origin)).toBe(1);
    expect(await traces([query], failures('A_CODE', 'B_CODE', 'C_CODE', 'D_CODE'), origin)).toBe(2);
    expect(await traces([query], failures('A_CODE'))).toBe(0);
    const strange = { ...origin, spec: { ...origin.spec, trusted: false } };
    expect(await traces([query], failures('A_CODE'), strange)).toBe(0);
    const issues = readTool(
      'search_jira_issues',
      () => ({ columns: [{ name: 'error', type: 'text' }], rows: [['A_CODE']] }),
      'jira',
    );
    expect(await traces([{ calls: [{ name: 'jira__search_jira_issues' }] }], issues, origin)).toBe(0);
  });

  it('does not use the last tool call of a run', async () => {
    const run = await playRun({
      play: (_, turn) => (turn === 1 ? query : done),
      tools: [failures('A_CODE'), origin],
      limits: { maxToolCalls: 2 },
    });
    expect(run.tools.sent).toHaveLength(1);
    expect(run.end.reason).toBe('completed');
  });
});

describe('a ticket about the error', () => {
  it('carries the permalink, which needs no other reason to be there', async () => {
    const { description, request } = await file('PAYMENT_TIMEOUT again.');
    expect(description).toBe(
      `PAYMENT_TIMEOUT again.\n\nRaised at [src/pay.ts:57](${permalink}), last changed by commit \`abc1234def56\`.`,
    );
    expect(request).toBeUndefined();
  });

  it('does not carry it twice, nor if it is about something else', async () => {
    const written = `PAYMENT_TIMEOUT: ${permalink}`;
    expect((await file(written)).description).toBe(written);
    expect((await file('Something else.')).description).toBe('Something else.');
  });

  it('does not carry it where a grant forbids links', async () => {
    const strict = withOrigin({ ...grant.grant, require: ['no-links'] }, 'person');
    const written = await file('PAYMENT_TIMEOUT again.', [strict]);
    expect(written.description).toBe('PAYMENT_TIMEOUT again.');
  });

  it('with another link to the same host is asked about that host', async () => {
    const { request } = await file('PAYMENT_TIMEOUT, see [this](https://git.example/evil).');
    expect(request?.reasons.join(' ')).toContain('git.example');
  });
});

describe('links only to code', () => {
  const own = [permalink];
  const placed = `Raised at [a:1](${permalink}).`;
  it.each([
    ['nothing else', placed, true],
    ['another link', `${placed} https://git.example/evil`, false],
    ['a longer one', `[a](${permalink}/../../evil)`, false],
    ['its host alone', `${placed} git.example`, false],
    ['its host in full width', `${placed} ｇit.example/evil`, false],
    ['an entity', `${placed} [x](https://g&#105;t.example)`, false],
    ['a link by reference', `${placed} [x][y]`, false],
    ['the definition of a reference', `${placed}\n[y]: x`, false],
    ['HTML', `${placed} <b>`, false],
  ])('of a text with %s', (_, text, is) => {
    expect(linksOnlyTo(own, 'git.example', [text, 'Summary'])).toBe(is);
  });

  it('of no permalink are never so', () => {
    expect(linksOnlyTo([], 'git.example', ['x'])).toBe(false);
    expect(linksOnlyTo(own, 'evil.example', [placed])).toBe(false);
  });
});
