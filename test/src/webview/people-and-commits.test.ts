import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { replay } from '../../../src/chat/reduce.ts';
import { NamesOfSession, splitNames } from '../../../src/webview/markdown/names.ts';
import { failures } from '../chat/recorded-run.ts';

let calls = 0;

function called(
  server: string,
  tool: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  url?: string,
): readonly ChatEvent[] {
  calls += 1;
  const callId = `call-${calls}`;
  const view = { ...failures, id: `E${calls}`, tool, arguments: {}, rows };
  const link = url === undefined ? {} : { link: { label: 'x', url } };
  return [
    { type: 'tool-call-proposed', callId, tool, server, title: tool, risk: 'read', arguments: {} },
    {
      type: 'evidence-added',
      callId,
      evidence: { ...view, columns: columns.map((name) => ({ name, type: 'text' })) },
    },
    { type: 'tool-call-finished', callId, outcome: 'ok', durationMs: 1, summary: '', ...link },
  ];
}

const start: ChatEvent = { type: 'run-started', session: 's', run: 'r', time: '', model: 'm', prompt: 'p' };
const jiraUsers = ['name', 'email', 'id'];
const slackUsers = ['id', 'name', 'handle', 'title', 'app'];
const sha = '0123456789abcdef0123456789abcdef01234567';
const origin = ['path', 'line', 'commit', 'subject', 'permalink'];
const permalink = `https://git.example/shop/orders/blob/${sha}/src/pay.ts#L57`;

const session: readonly ChatEvent[] = [
  start,
  ...called('jira', 'create_jira_ticket', [], [], 'https://shop.atlassian.net/browse/ENG-1'),
  ...called('slack', 'post_slack_message', [], [], 'https://shop.slack.com/archives/C024BE91L/p1'),
  ...called('jira', 'find_jira_users', jiraUsers, [
    ['Mia Chen', null, '5b10ac8d82e05b22cc7d4ef5'],
    ['Ali', null, '5b10ac8d82e05b22cc7d4ef6'],
  ]),
  ...called('jira', 'search_jira_issues', ['key', 'assignee'], [['ENG-1', 'Jo "J" Doe']]),
  ...called('slack', 'find_slack_users', slackUsers, [
    ['U024BE7LH', 'Sam Lee', 'sam.lee', '', false],
    ['U024BE7L1', 'Two Alike', 'two1', '', false],
    ['U024BE7L2', 'Two Alike', 'two2', '', false],
  ]),
  ...called('workspace', 'get_git_history', ['commit', 'subject'], [['abc1234', 'Wait longer']]),
  ...called('workspace', 'find_error_origin', origin, [['src/pay.ts', 57, 'def5678aaaaa', 'Retry', permalink]]),
];

const linksIn = (text: string, events = session): readonly unknown[] =>
  splitNames(text, new NamesOfSession().of(replay(events))).flatMap((part) =>
    typeof part === 'string' ? [] : [[part.text, part.target.kind === 'web' ? part.target.url : part.target.path]],
  );

describe('a person', () => {
  test.each([
    ['Ask Mia Chen.', 'Mia Chen', 'https://shop.atlassian.net/jira/people/5b10ac8d82e05b22cc7d4ef5'],
    ['Ask Sam Lee, please', 'Sam Lee', 'https://shop.slack.com/team/U024BE7LH'],
    ['(@sam.lee)', '@sam.lee', 'https://shop.slack.com/team/U024BE7LH'],
  ])('whom the session has named is a link: %s', (text, name, url) => {
    expect(linksIn(text)).toEqual([[name, url]]);
  });

  test('who has tickets leads to these, whatever is in the name', () => {
    const [link] = linksIn('It is with Jo "J" Doe now.');
    expect(link).toEqual(['Jo "J" Doe', expect.stringMatching(/^https:\/\/shop\.atlassian\.net\/issues\/\?jql=/u)]);
    expect(decodeURIComponent(String(Array.isArray(link) ? link[1] : ''))).toContain(String.raw`"Jo \"J\" Doe"`);
  });

  test.each(['Ask Max Muster', '@nobody', 'Two Alike', 'Ali did it', 'Mia Chenault', 'mia chen', 'x@sam.lee'])(
    'is only text if nothing has named just them: %s',
    (text) => {
      expect(linksIn(text)).toEqual([]);
    },
  );
});

describe('a commit', () => {
  test.each([
    ['since abc1234.', 'abc1234', 'abc1234'],
    ['since abc1234ff00', 'abc1234ff00', 'abc1234'],
    ['by def5678', 'def5678', 'def5678aaaaa'],
    ['by def5678aaaaa', 'def5678aaaaa', 'def5678aaaaa'],
  ])('that git has named is a link: %s', (text, name, commit) => {
    expect(linksIn(text)).toEqual([[name, `https://git.example/shop/orders/commit/${commit}`]]);
  });

  test.each(['deadbeef', 'abc12', 'abc1234-x', 'def5678bbbbb', '12345678 orders'])(
    'is only text if not: %s',
    (text) => {
      expect(linksIn(text)).toEqual([]);
    },
  );

  test.each([
    ['GitLab', `https://git.example/a/b/-/blob/${sha}/x`, 'https://git.example/a/b/-/commit/abc1234'],
    ['Bitbucket', `https://bitbucket.org/a/b/src/${sha}/x`, 'https://bitbucket.org/a/b/commits/abc1234'],
  ])('is on the page of %s', (_, line, url) => {
    const rows = [['src/pay.ts', 1, 'abc1234', '', line]];
    const events = [start, ...called('workspace', 'find_error_origin', origin, rows)];
    expect(linksIn('abc1234', events)).toEqual([['abc1234', url]]);
  });
});

test("nothing leads where a third party's result or the model says", () => {
  const events: readonly ChatEvent[] = [
    start,
    ...called('jira', 'create_jira_ticket', [], [], 'https://shop.atlassian.net/browse/ENG-1'),
    ...called('other', 'find_jira_users', jiraUsers, [['Mia Chen', null, 'x']]),
    ...called('other', 'find_error_origin', origin, [['a.ts', 1, 'abc1234', '', permalink]]),
    ...called('workspace', 'get_git_history', ['commit', 'permalink'], [['abc1234', 'https://evil.example/x']]),
    { type: 'text-delta', text: '[Mia Chen](https://evil.example) [abc1234](https://evil.example)' },
  ];
  expect(linksIn('Mia Chen and abc1234', events)).toEqual([]);
});

test.each(['A (b) [c]+', "Anne-Marie O'Neill", String.raw`^x$ {1}.|*?/\\`])(
  'names with the signs of patterns are names: %s',
  (name) => {
    const rows = [[name, null, 'x y']];
    const site = called('jira', 'create_jira_ticket', [], [], 'https://jira.example/browse/ENG-1');
    const events = [start, ...site, ...called('jira', 'find_jira_users', jiraUsers, rows)];
    expect(linksIn(`Ask ${name} now`, events)).toEqual([
      [name, 'https://jira.example/secure/ViewProfile.jspa?name=x%20y'],
    ]);
  },
);
