import { expect, test } from 'vitest';
import type { Evidence } from '../../../../src/agent/evidence/types.ts';
import { answerAboutEvidence, isAboutEvidence } from '../../../../src/vscode/chat/evidence-actions.ts';

const value = { status: 'ok', problems: [] };
const evidence = {
  id: 'E3',
  server: 'postgres',
  tool: 'get_database_health',
  value,
  arguments: { database: 'shop' },
  rows: [[2], [1]],
};

async function answers(
  message: Parameters<typeof answerAboutEvidence>[2],
  given: object = evidence,
): Promise<unknown[]> {
  const sent: unknown[] = [];
  const chat = { send: (each: unknown) => sent.push(each), run: async (task: unknown) => void sent.push(task) };
  await answerAboutEvidence(chat, given as Evidence, message);
  return sent;
}

test('a result that can be drawn is sent, and one of a third party is not', async () => {
  const message = { type: 'read-detail', id: 'E3' } as const;
  expect(await answers(message)).toEqual([
    { type: 'evidence-detail', id: 'E3', detail: { kind: 'health', health: value } },
  ]);
  expect(await answers(message, { ...evidence, server: 'other' })).toEqual([]);
});

test('the schema of a referenced table is read by a run of its own, in the same database', async () => {
  expect(await answers({ type: 'describe-table', id: 'E3', table: 'shop.customers' })).toEqual([
    {
      prompt: 'Schema of shop.customers',
      context: [],
      attachments: [],
      calls: [{ plainName: 'get_table_schema', arguments: { table_name: 'shop.customers', database: 'shop' } }],
    },
  ]);
});

test('rows are sorted over all that are held', async () => {
  const sort = { column: 0, descending: false };
  expect(await answers({ type: 'query-evidence', id: 'E3', filter: '', sort })).toMatchObject([
    { rows: [[1], [2]], matching: 2 },
  ]);
});

test('other messages are handled elsewhere', () => {
  expect(isAboutEvidence({ type: 'stop' })).toBe(false);
});
