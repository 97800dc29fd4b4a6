import { describe, expect, it } from 'vitest';
import { failure } from '../../../../src/agent/host-tools.ts';
import { exitCodeOf } from '../../../../src/terminal/exit-code.ts';
import { playRun, readTool, specOf, writeTool, type PlayedTurn, type ScriptedTool } from '../scripted.ts';

const comment = writeTool('add_jira_comment', 'jira', 'issue_key', () => ({ outcome: 'done' }));
const commenting = { name: 'jira__add_jira_comment', input: { issue_key: 'ENG-1', body: 'x' } };

function foreign(risk: 'read' | 'destructive', call: ScriptedTool['call'], plainName = 'log'): ScriptedTool {
  return { spec: { ...specOf(plainName, 'other', risk), trusted: false, preview: false }, call };
}

async function exitOf(tools: readonly ScriptedTool[], turns: readonly PlayedTurn[], more = {}) {
  const { end } = await playRun({ tools, play: (_, turn) => turns[turn - 1] ?? { text: 'Done.' }, ...more });
  return [exitCodeOf(end), end.reason];
}

describe('the end of a run', () => {
  it('by budget stays so even if a write was not granted', async () => {
    const turns = [{ calls: [commenting] }, { calls: [commenting] }, { calls: [commenting] }];
    expect(await exitOf([comment], turns, { limits: { maxTurns: 2 } })).toEqual([4, 'budget']);
  });

  it('ignores a third-party read that was not granted', async () => {
    const read = readTool('log', () => ({ a: 1 }), 'other');
    const tool = { ...read, spec: { ...read.spec, trusted: false } };
    expect(await exitOf([tool], [{ calls: [{ name: 'other__log' }] }])).toEqual([0, 'completed']);
    const denied = { ask: () => ({ kind: 'deny', reason: 'no' }) };
    expect(await exitOf([tool], [{ calls: [{ name: 'other__log' }] }], denied)).toEqual([0, 'completed']);
  });

  it('counts a third-party write that was not granted', async () => {
    const tool = foreign('destructive', () => failure('internal', 'not reached'));
    expect(await exitOf([tool], [{ calls: [{ name: 'other__log' }] }])).toEqual([3, 'denied']);
  });

  it('ignores a third-party tool without annotations that failed once', async () => {
    const tool = foreign('destructive', () => failure('upstream_error', 'element not found'));
    const granted = { ask: () => ({ kind: 'approve', scope: 'once' }) };
    expect(await exitOf([tool], [{ calls: [{ name: 'other__log' }] }], granted)).toEqual([0, 'completed']);
  });

  it('counts our own failed write, whatever a third party does under the same name', async () => {
    const broken: ScriptedTool = {
      ...comment,
      call: (input, options) =>
        options.preview === true ? comment.call(input, options) : failure('upstream_error', 'Jira said no'),
    };
    const twin = foreign('destructive', () => ({ kind: 'result', text: 'ok', structured: {} }), 'add_jira_comment');
    const turns = [{ calls: [commenting] }, { calls: [{ name: 'other__add_jira_comment' }] }];
    const granted = { ask: () => ({ kind: 'approve', scope: 'once' }) };
    expect(await exitOf([broken, twin], turns, granted)).toEqual([1, 'failed']);
  });

  describe('that was not completed', () => {
    const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({
      issue_key: 'ENG-57',
      issue_url: 'https://jira.example.com/browse/ENG-57',
    }));
    const filing = { name: 'jira__create_jira_ticket', input: { project_key: 'ENG', summary: 'x' } };
    const filed = 'Already done: create_jira_ticket (ENG-57).';
    const askOnce = () => {
      let asked = 0;
      return () =>
        (asked += 1) === 1 ? ({ kind: 'approve', scope: 'once' } as const) : ({ kind: 'deny', reason: 'no' } as const);
    };
    const messageOf = async (tools: readonly ScriptedTool[], more: object = {}) => {
      const turns: PlayedTurn[] = [{ calls: [filing] }, { calls: [commenting] }];
      const { end } = await playRun({ tools, play: (_, turn) => turns[turn - 1] ?? { text: '' }, ...more });
      return end.message;
    };

    it('says what was filed before a denied write', async () => {
      expect(await messageOf([ticket, comment], { ask: askOnce() })).toBe(
        `Not allowed, so not done: add_jira_comment. ${filed}`,
      );
    });

    it('says what was filed before its limit and before a failure', async () => {
      expect(await messageOf([ticket, comment], { ask: askOnce(), limits: { maxTurns: 1 } })).toContain(filed);
      const broken: ScriptedTool = { ...comment, call: () => failure('upstream_error', 'Jira said no') };
      expect(await messageOf([ticket, broken], { ask: askOnce() })).toContain(`Jira said no ${filed}`);
    });

    it('does not quote what a third-party server said', async () => {
      const foreignWrite = foreign('destructive', () => ({ kind: 'result', text: 'All safe!', structured: {} }));
      const turns: PlayedTurn[] = [{ calls: [{ name: 'other__log' }] }, { calls: [commenting] }];
      const play = (_: unknown, turn: number): PlayedTurn => turns[turn - 1] ?? { text: '' };
      const { end } = await playRun({ tools: [foreignWrite, comment], play, ask: askOnce() });
      expect(end.message).toBe('Not allowed, so not done: add_jira_comment. Already done: other__log.');
    });
  });

  it('comes immediately if a dollar limit cannot be enforced', async () => {
    const { end, model } = await playRun({ tools: [], play: () => ({ text: 'Hi.' }), limits: { maxCost: 0.0001 } });
    expect([exitCodeOf(end), model.requests.length]).toEqual([78, 0]);
    expect(end.message).toMatch(/price of scripted is not known.*\$0\.0001.*SWITCHBOARD_MODEL_PRICE/);
    const { end: session } = await playRun({ tools: [], play: () => ({ text: '' }), limits: { maxSessionCost: 1 } });
    expect(session.message).toContain('budget.maxSessionCost');
  });
});
