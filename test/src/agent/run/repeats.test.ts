import { describe, expect, it } from 'vitest';
import { failure } from '../../../../src/agent/host-tools.ts';
import { lastResults, playRun, readTool, specOf, writeTool, type Play, type ScriptedTool } from '../scripted.ts';

const same: Play = (_, turn) =>
  turn <= 6 ? { calls: [{ name: 'postgres__query_database', input: { query: 'SELECT 1' } }] } : { text: 'Done.' };

function table(rows: readonly unknown[][]) {
  return { columns: [{ name: 'n', type: 'int8' }], rows, row_count: rows.length };
}

/** Returns the results in turn, then repeats the last one. */
function answering(...outcomes: readonly ReturnType<ScriptedTool['call']>[]): ScriptedTool {
  let calls = 0;
  return {
    spec: specOf('query_database', 'postgres', 'read'),
    call: () => {
      const outcome = outcomes[Math.min(calls, outcomes.length - 1)];
      calls += 1;
      if (outcome === undefined) throw new Error('the test gave no outcome');
      return outcome;
    },
  };
}

const one = { kind: 'result', text: '1', structured: table([['1']]) } as const;
const away = {
  kind: 'failure',
  text: 'unreachable',
  failure: { code: 'unreachable', message: 'refused', retryable: true },
} as const;

describe('the same call again', () => {
  it('is made as long as it fails, because a failure is not a result', async () => {
    const { tools, model } = await playRun({ play: same, tools: [answering(away, away, away, away, one)] });
    expect(tools.sent).toHaveLength(6);
    expect(lastResults(model.requests[6]!)[0]?.isError).toBe(false);
  });

  it('is rejected after the same result twice, with the ids of the results', async () => {
    const { tools, model } = await playRun({ play: same, tools: [answering(away, one)] });
    expect(tools.sent).toHaveLength(3);
    expect(lastResults(model.requests[4]!)[0]?.text).toMatch(/same result 2 times \(E1, E2\)[\s\S]*read_evidence/);
  });

  it('is made while its result changes', async () => {
    let count = 0;
    const growing = readTool('query_database', () => table([[String((count += 1))]]));
    const { tools } = await playRun({ play: same, tools: [growing] });
    expect(tools.sent).toHaveLength(6);
  });

  it('ignores changes besides the rows, such as the duration', async () => {
    let count = 0;
    const timed = readTool('query_database', () => ({ ...table([['1']]), elapsed_ms: (count += 1) }));
    const { tools } = await playRun({ play: same, tools: [timed] });
    expect(tools.sent).toHaveLength(2);
  });

  it('is made again after a write, even a failed one', async () => {
    const write = writeTool('add_jira_comment', 'jira', 'issue_key', () => ({}));
    const broken: ScriptedTool = {
      ...write,
      call: (input, options) => (options.preview === true ? write.call(input, options) : failure('timeout', 'late')),
    };
    const { tools } = await playRun({
      play: (_, turn) =>
        turn > 6
          ? { text: 'Done.' }
          : turn % 3 === 0
            ? { calls: [{ name: 'jira__add_jira_comment', input: { issue_key: 'ENG-1', body: 'x' } }] }
            : { calls: [{ name: 'postgres__query_database', input: { query: 'SELECT 1' } }] },
      tools: [answering(one), broken],
      ask: () => ({ kind: 'approve', scope: 'once' }),
    });
    expect(tools.sent.map(({ name }) => name.split('__')[0])).toEqual([
      'postgres',
      'postgres',
      'jira',
      'postgres',
      'postgres',
      'jira',
    ]);
  });

  it('is made as often as requested for a third party, whose state may change', async () => {
    const snapshot = readTool('browser_snapshot', () => ({ page: 'the same' }), 'browser');
    const foreign = { ...snapshot, spec: { ...snapshot.spec, trusted: false } };
    const { tools } = await playRun({
      play: (_, turn) => (turn <= 5 ? { calls: [{ name: 'browser__browser_snapshot' }] } : { text: 'Done.' }),
      tools: [foreign],
      ask: () => ({ kind: 'approve', scope: 'once' }),
    });
    expect(tools.sent).toHaveLength(5);
  });

  it('is made at most twice within one turn, before the model has seen a result', async () => {
    const call = { name: 'postgres__query_database', input: { query: 'SELECT 1' } };
    const { tools, model } = await playRun({
      play: (_, turn) => (turn === 1 ? { calls: [call, call, call] } : { text: 'Done.' }),
      tools: [answering(one)],
    });
    expect(tools.sent).toHaveLength(2);
    expect(lastResults(model.requests[1]!)[2]?.text).toMatch(/already running in this turn/);
  });
});
