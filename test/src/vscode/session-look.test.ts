import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../src/sessions/history/history-store.ts';
import type { SessionFacts } from '../../../src/sessions/history/session-facts.ts';
import { lookOf } from '../../../src/vscode/history/session-look.ts';

const now = new Date(2026, 10, 30, 12, 0);
const time = '09:05';
const facts: SessionFacts = {
  title: 'Why do orders fail?',
  created: '',
  end: 'completed',
  writes: [],
  denied: false,
  runbooks: [],
  branched: false,
};
const filed = { kind: 'filed', what: 'ENG-1', about: 'payment timeouts' } as const;
const posted = { kind: 'posted', what: '#ops', about: 'We are on it' } as const;

function look(
  changed: Partial<SessionFacts>,
  entry: Partial<HistoryEntry> = {},
  state?: 'running' | 'waiting' | 'ended',
) {
  const activity = state && { session: 'x', isShown: false, state, waiting: 0, doing: '', prompt: 'Asked now' };
  const at = new Date(2026, 10, 30, 9, 5).getTime();
  const { title, marks, icon } = lookOf(
    { id: 'x', changed: at, isCurrent: true, facts: { ...facts, ...changed }, ...entry },
    activity,
    now,
  );
  return [icon, title, marks.map((mark) => (/^0?9:05/u.test(mark) ? time : mark)).join(' · ')];
}

describe('a session', () => {
  it.each([
    ['nothing', {}, {}, ['comment-discussion', 'Why do orders fail?', time]],
    ['a ticket', { writes: [filed] }, {}, ['issues', 'ENG-1 filed: payment timeouts', time]],
    [
      'two tickets',
      { writes: [filed, { ...filed, what: 'ENG-2' }] },
      {},
      ['issues', 'ENG-1, ENG-2 filed: payment timeouts', time],
    ],
    [
      'a post, then a ticket',
      { writes: [posted, filed] },
      {},
      ['issues', 'ENG-1 filed: payment timeouts', `posted · ${time}`],
    ],
    ['a post', { writes: [posted] }, {}, ['megaphone', 'Posted to #ops: We are on it', time]],
    [
      'a change',
      { writes: [{ ...filed, kind: 'changed' as const }] },
      {},
      ['edit', 'ENG-1 changed: payment timeouts', time],
    ],
    ['a refusal', { denied: true }, {}, ['circle-slash', 'Why do orders fail?', `denied · ${time}`]],
    ['a failure', { end: 'failed' as const }, {}, ['error', 'Why do orders fail?', `failed · ${time}`]],
    ['no end', { end: undefined }, {}, ['circle-outline', 'Why do orders fail?', `not finished · ${time}`]],
    ['a copy', { branched: true, end: undefined }, {}, ['git-branch', 'Branch of: Why do orders fail?', time]],
    [
      'a name and a pin',
      { writes: [filed] },
      { name: 'Monday', pinned: true as const },
      ['issues', 'Monday', `pinned · filed · ${time}`],
    ],
    ['nothing known', {}, { facts: undefined }, ['comment-discussion', expect.stringMatching(/^Session of /u), time]],
  ])('with %s has its title by outcome', (_, changed, entry, shown) => {
    expect(look(changed, entry)).toEqual(shown);
  });

  it.each([
    ['running', 'loading~spin', 'running'],
    ['waiting', 'bell-dot', 'waiting for you'],
    ['ended', 'circle-filled', 'ended, not seen'],
  ] as const)('that is %s says so in words', (state, icon, mark) => {
    expect(look({ end: undefined }, {}, state)[0]).toBe(icon);
    expect(look({ end: 'completed' }, {}, state)[2]).toBe(`${mark} · ${time}`);
    expect(look({}, { facts: undefined }, state)[1]).toBe('Asked now');
  });

  it('of another day has its date', () => {
    expect(look({}, { changed: new Date(2026, 10, 1).getTime() })[2]).not.toContain('2026');
    expect(look({}, { changed: new Date(2025, 10, 1).getTime() })[2]).toContain('2025');
  });
});
