import { expect, it } from 'vitest';
import { defaultLimits, stricter } from '../../../src/agent/budget.ts';
import { limitsOfRunbook, parseRunbook } from '../../../src/agent/runbook/runbook.ts';
import { lastResults, playRun, readTool } from './scripted.ts';

const table = readTool('query_database', () => ({
  columns: [{ name: 'n', type: 'int8' }],
  rows: Array.from({ length: 10 }, (_, i) => [i]),
  row_count: 10,
  truncated: false,
}));

it('a used-up row budget ends reading, not the run', async () => {
  const refused: string[] = [];
  const { end, tools } = await playRun({
    tools: [table],
    limits: { maxRows: 15 },
    play: (request, turn) => {
      refused.push(...lastResults(request).flatMap(({ text, isError }) => (isError ? [text] : [])));
      return turn <= 3
        ? { calls: [{ name: 'postgres__query_database', input: { query: `${turn}` } }] }
        : { text: 'Done.' };
    },
  });
  expect(tools.sent).toHaveLength(2);
  expect(refused.join()).toMatch(
    /quota_exceeded: The run has reached its limit for reading: 15 rows .*Answer with what you have/s,
  );
  expect(end.reason).toBe('completed');
});

it('a runbook may lower the limits of the settings, never raise them', () => {
  const source =
    '---\nname: x\ntitle: x\nbudget: { turns: 100, tool_calls: 5, dollars: 0.5, rows: 1000, database_seconds: 20 }\n---\n';
  const parsed = parseRunbook(source, 'x.md');
  const wanted = parsed.kind === 'valid' ? limitsOfRunbook(parsed.runbook) : {};
  expect(stricter({ ...defaultLimits, maxCost: 2 }, wanted)).toEqual({
    maxTurns: 40,
    maxToolCalls: 5,
    maxTokens: 0,
    maxCost: 0.5,
    maxRows: 1000,
    maxDatabaseSeconds: 20,
  });
  expect(stricter(defaultLimits, {})).toMatchObject(defaultLimits);
});
