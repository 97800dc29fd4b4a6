import { describe, expect, it } from 'vitest';
import { grantFromApproval, withOrigin, type Grant } from '../../../../src/agent/policy/grants.ts';
import {
  afterWrite,
  decide,
  historyOfNextRun,
  noHistory,
  type PolicyCall,
} from '../../../../src/agent/policy/policy.ts';
import type { Arguments } from '../../../../src/agent/tools.ts';
import { toolSpec } from '../evidence-samples.ts';
import { context, held, post, preview } from './sample-calls.ts';

const toOperations = held({ tool: 'post_slack_message', where: { channel: ['#operations'] }, limit: 1 });
const message = { channel: '#operations', text: 'hello' };

describe('without a grant', () => {
  it('reads on our own servers run', () => {
    const call = post({ query: 'select 1' }, { tool: toolSpec('query_database'), preview: undefined });
    expect(decide(call, context({ attended: false }))).toMatchObject({ decision: 'allow', rule: 'read' });
  });

  it('a write asks the user, and is denied without one', () => {
    expect(decide(post(message), context())).toMatchObject({ decision: 'ask', rule: 'no-grant' });
    const denied = decide(post(message), context({ attended: false }));
    expect(denied).toMatchObject({ decision: 'deny', by: 'policy', rule: 'no-grant' });
    expect(denied.reasons.at(-1)).toMatch(/no one can be asked here/);
  });

  it('a third-party tool needs approval even if it claims to only read', () => {
    const tool = toolSpec('fetch', { server: 'web', trusted: false, risk: 'read' });
    expect(decide(post({ url: 'x' }, { tool, preview: undefined }), context())).toMatchObject({
      decision: 'ask',
      rule: 'foreign',
    });
  });

  it('lists everything the user should check', () => {
    const call = post(message, {
      preview: preview({
        linkHosts: ['evil.example', 'acme.example'],
        mentions: ['@here'],
        personalData: ['an email address (j…@a.example)'],
      }),
      unverified: ['48', '74%'],
    });
    const history = { ...noHistory, writes: { post_slack_message: 1 }, linkHosts: ['acme.example'] };
    const { reasons } = decide(call, context({ history, taint: ['query_database (E1)'] }));
    expect(reasons).toEqual([
      'This would be the 2nd “post_slack_message” in this run.',
      'No evidence supports 48, 74%. Check before you approve.',
      'It notifies @here.',
      'It contains an email address (j…@a.example).',
      'It links to evil.example: the first link there in this session.',
      'First write to #operations in this session.',
      'This run has read text that others wrote: query_database (E1).',
      '“post_slack_message” changes an external system, and no grant covers it.',
    ]);
  });
});

describe('a grant', () => {
  const grants = [toOperations];

  it('covers its destination and names its origin', () => {
    const decision = decide(post(message), context({ grants, attended: false, taint: ['x'] }));
    expect(decision).toMatchObject({ decision: 'allow', by: 'grant', rule: 'grant', grant: toOperations });
    expect(decision.reasons[0]).toBe(
      'Granted by the policy file: post_slack_message where channel is #operations, at most 1 per run.',
    );
  });

  it('covers the channel under its id and its name alike, as the server resolved it', () => {
    expect(decide(post({ ...message, channel: 'operations' }), context({ grants })).decision).toBe('allow');
    expect(decide(post({ ...message, channel: 'C1' }), context({ grants })).decision).toBe('allow');
    const elsewhere = post(
      { ...message, channel: 'C2' },
      { preview: preview({ destination: { id: 'C2', name: '#all' } }) },
    );
    expect(decide(elsewhere, context({ grants })).decision).toBe('ask');
  });

  it.each<[string, Arguments]>([
    ['another destination', { ...message, channel: '#general' }],
    ['no destination', { text: 'hello' }],
    ['a mention', { ...message, mentions: [{ type: 'here' }] }],
    ['a thread', { ...message, thread_ts: '1.2' }],
    ['unfurling', { ...message, unfurl_hosts: ['evil.example'] }],
    ['an argument nobody has heard of', { ...message, surprise: true }],
    ['a list for a value', { ...message, channel: ['#operations'] }],
    ['another case', { ...message, channel: '#Operations' }],
    ['inherited names', { ...message, constructor: 1 }],
  ])('does not cover %s', (_, input) => {
    const elsewhere = preview({ destination: { id: 'C9', name: '#other' } });
    expect(decide(post(input, { preview: elsewhere }), context({ grants })).decision).toBe('ask');
    expect(decide(post(input, { preview: elsewhere }), context({ grants, attended: false })).decision).toBe('deny');
  });

  it('is used up by its limit, in this run only', () => {
    const first = post(message);
    const history = afterWrite(noHistory, first, decide(first, context({ grants })));
    expect(decide(post(message), context({ grants, history, attended: false }))).toMatchObject({
      decision: 'deny',
      rule: 'limit',
    });
    expect(decide(post(message), context({ grants, history: historyOfNextRun(history) })).decision).toBe('allow');
  });

  it.each<[string, Grant['require'], Partial<PolicyCall>]>([
    ['unverified numbers', ['verified-numbers'], { unverified: ['48'] }],
    ['links', ['no-links'], { preview: preview({ linkHosts: ['a.example'] }) }],
    ['mentions', ['no-mentions'], { preview: preview({ mentions: ['@here'] }) }],
  ])('that allows none does not cover %s', (_, require, facts) => {
    const strict = [held({ ...toOperations.grant, require })];
    expect(decide(post(message), context({ grants: strict })).decision).toBe('allow');
    expect(decide(post(message, facts), context({ grants: strict, attended: false }))).toMatchObject({
      decision: 'deny',
      rule: 'requirement',
    });
  });

  it('covers no link to a lookalike host, and the user is told', () => {
    const said = 'It links to paypa1.com, which looks like paypal.com but is a different host.';
    const call = post(message, { lookAlikes: [said] });
    const decided = decide(call, context({ grants, attended: false }));
    expect(decided).toMatchObject({ decision: 'deny', rule: 'link' });
    expect(decided.reasons).toContain(said);
    expect(decide(call, context({ grants: [] })).reasons).toContain(said);
  });

  it('never lets personal data out', () => {
    const secret = post(message, { containsSecret: true });
    expect(decide(secret, context({ grants }))).toMatchObject({ decision: 'ask', rule: 'sensitive' });
    expect(decide(secret, context({ grants, attended: false }))).toMatchObject({ decision: 'deny', rule: 'sensitive' });
    const call = post(message, { preview: preview({ personalData: ['an IBAN (DE…00)'] }) });
    expect(decide(call, context({ grants }))).toMatchObject({ decision: 'ask', rule: 'sensitive' });
    expect(decide(call, context({ grants, attended: false }))).toMatchObject({ decision: 'deny', rule: 'sensitive' });
  });

  it.each([
    'pay\u202Eeno',
    'a\u200Bb',
    'x\u{E0041}',
    'a\u2066b',
    'a\u034Fb',
    '1\uFE01',
    'a\u202Eb, shown as <U+202E>',
    'x\u{E0041}\u{E0042} <U+E0041> <U+E0042>',
    'a\u{E0FFF}b',
  ])('never allows invisible content: %j', (text) => {
    const call = post({ ...message, text });
    const asked = decide(call, context({ grants }));
    expect(asked).toMatchObject({ decision: 'ask', rule: 'sensitive' });
    expect(asked.reasons.join()).toMatch(/invisible characters \(U\+/);
    expect(decide(call, context({ grants, attended: false })).decision).toBe('deny');
  });

  it.each(['two\nlines\tand "quotes" \\', '👨‍👩‍👧 ❤️ naïve 日本語', 'shown as <U+202E>'])('allows %j', (text) => {
    expect(decide(post({ ...message, text }), context({ grants })).decision).toBe('allow');
  });

  it('for our tool does not cover the same name elsewhere', () => {
    const shadow = toolSpec('post_slack_message', { server: 'other', trusted: false });
    expect(decide(post(message, { tool: shadow }), context({ grants }))).toMatchObject({
      decision: 'ask',
      rule: 'foreign',
    });
    const named = [held({ tool: 'other__post_slack_message', where: { channel: ['#operations'], text: ['hello'] } })];
    expect(decide(post(message, { tool: shadow }), context({ grants: named })).decision).toBe('allow');
    expect(decide(post({ ...message, text: 'else' }, { tool: shadow }), context({ grants: named })).decision).toBe(
      'ask',
    );
  });

  it.each([
    // [allowed, written, id and name that the server resolved, whether it is covered]
    ['C0SECURITY', '#C0SECURITY', 'C0EVIL0001', '#c0security', false],
    ['C0SECURITY', 'C0SECURITY', 'C0EVIL0001', '#c0security', false],
    ['#C0SECURITY', '#C0SECURITY', 'C0EVIL0001', '#C0SECURITY', false],
    ['C0SECURITY', '#security', 'C0SECURITY', '#security', true],
    ['#security', 'C0SECURITY', 'C0SECURITY', '#security', true],
    ['security', '#security', 'C0SECURITY', '#security', true],
    ['#security', '#security', 'C0EVIL0001', '#other', false],
    ['#security', '#security', '#security', '#other', true],
  ])('for %s, written %s: %s named %s is covered: %s', (allowed, channel, id, name, covered) => {
    const grant = [held({ tool: 'post_slack_message', where: { channel: [allowed] } })];
    const call = post({ channel, text: 'hello' }, { preview: preview({ destination: { id, name } }) });
    expect(decide(call, context({ grants: grant, attended: false })).decision).toBe(covered ? 'allow' : 'deny');
  });

  it.each([
    ['create_jira_ticket', 'project_key', 'ENG', { id: 'ENG', name: 'ENG' }, true],
    ['create_jira_ticket', 'project_key', 'ENG', { id: 'OPS', name: 'ENG' }, false],
    ['add_jira_comment', 'issue_key', 'ENG-1', { id: 'ENG-1', name: 'ENG-1 Payments fail' }, true],
    ['add_jira_comment', 'issue_key', 'ENG-1', { id: 'OPS-7', name: 'ENG-1' }, false],
  ])('of %s counts the place that the server found: %s %s, %j: %s', (tool, argument, value, destination, covered) => {
    const grant = [held({ tool, where: { [argument]: [value] } })];
    const call = post({ [argument]: value }, { tool: toolSpec(tool), preview: preview({ destination }) });
    expect(decide(call, context({ grants: grant, attended: false })).decision).toBe(covered ? 'allow' : 'deny');
  });

  it('needs every further destination argument as written', () => {
    const tool = toolSpec('link_jira_issues');
    const where = { from_key: ['ENG-1'], to_key: ['ENG-2'], link_type: ['Blocks'] };
    const destination = { id: 'ENG-1', name: 'ENG-1 blocks ENG-2' };
    const link = (input: Arguments) =>
      decide(
        post(input, { tool, preview: preview({ destination }) }),
        context({ grants: [held({ tool: tool.name, where })] }),
      );
    expect(link({ from_key: 'ENG-1', to_key: 'ENG-2', link_type: 'Blocks' }).decision).toBe('allow');
    expect(link({ from_key: 'ENG-1', to_key: 'ENG-3', link_type: 'Blocks' }).decision).toBe('ask');
  });

  const entities = [{ name: 'orders', facts: ['47 failed'] }];

  it.each([
    ['any value', { entities: ['*'] }, { entities }, true],
    ['a list as a whole', { entities: [entities] }, { entities }, true],
    ['an object as a whole, whatever the order of its keys', { e: [{ a: 1, b: 2 }] }, { e: { b: 2, a: 1 } }, true],
    ['another list', { entities: [[]] }, { entities }, false],
    ['any value of an argument that is not given', { entities: ['*'] }, {}, false],
    ['any value, and an argument beside it', { entities: ['*'] }, { entities, force: true }, false],
  ])('can name for a third party: %s', (_what, where, input, covered) => {
    const tool = toolSpec('create_entities', { server: 'memory', trusted: false, risk: 'write' });
    const grants = [held({ tool: 'memory__create_entities', where })];
    const { decision } = decide(post(input, { tool, preview: undefined }), context({ grants, attended: false }));
    expect(decision).toBe(covered ? 'allow' : 'deny');
  });

  it.each([
    ['post_slack_message', 'channel', '#random', { id: 'C2', name: '#random' }],
    ['create_jira_ticket', 'project_key', 'OPS', { id: 'OPS', name: 'OPS' }],
  ])('never lets %s go anywhere through any value of %s', (name, argument, value, destination) => {
    const call = post({ [argument]: value }, { tool: toolSpec(name), preview: preview({ destination }) });
    const grants = [held({ tool: name, where: { [argument]: ['*'] } })];
    expect(decide(call, context({ grants, attended: false })).decision).toBe('deny');
  });

  it('for a whole tool covers a third party only if the tool reads', () => {
    const grant = [held({ tool: 'web__fetch' })];
    const tool = toolSpec('fetch', { server: 'web', trusted: false, risk: 'read' });
    const call = post({ url: 'x' }, { tool, preview: undefined });
    expect(decide(call, context({ grants: grant })).decision).toBe('allow');
    expect(decide({ ...call, tool: { ...tool, risk: 'write' } }, context({ grants: grant })).decision).toBe('ask');
  });
});

describe('a condition that is false', () => {
  const conditions = [
    {
      name: 'too many',
      expression: 'n > 5',
      explained: '5 > 5',
      holds: false,
      requires: ['post_slack_message'],
    },
  ];

  it('denies what depends on it, regardless of grants and users', () => {
    const decision = decide(post(message), context({ grants: [toOperations], conditions }));
    expect(decision).toMatchObject({ decision: 'deny', rule: 'condition' });
    expect(decision.reasons[0]).toBe("The condition 'too many' is false (5 > 5), and post_slack_message requires it.");
  });

  it('leaves the rest alone', () => {
    const call = post({ issue_key: 'A-1', body: '' }, { tool: toolSpec('add_jira_comment') });
    expect(decide(call, context({ conditions })).decision).toBe('ask');
  });
});

describe('a grant given on a card', () => {
  const spec = toolSpec('create_jira_ticket');
  const ticket = { project_key: 'ENG', summary: 's', issue_type: 'Bug', labels: ['x'], assignee: 'a1' };

  it('always: pins the destination, and nothing beyond the text', () => {
    const grant = grantFromApproval(spec, ticket, 'always');
    expect(grant).toEqual({
      tool: 'create_jira_ticket',
      where: { project_key: ['ENG'] },
      require: ['verified-numbers'],
    });
    const call = (input: Arguments): PolicyCall => ({
      tool: spec,
      arguments: input,
      preview: undefined,
      unverified: [],
      strangeHosts: [],
      containsSecret: false,
    });
    const grants = grant === undefined ? [] : [withOrigin(grant, 'person')];
    expect(
      decide(call({ project_key: 'ENG', summary: 'other', issue_type: 'Task' }), context({ grants })).decision,
    ).toBe('allow');
    expect(decide(call(ticket), context({ grants })).decision).toBe('ask');
    expect(decide(call({ ...ticket, project_key: 'OPS' }), context({ grants })).decision).toBe('ask');
  });

  it('run: pins the further arguments as well', () => {
    expect(grantFromApproval(spec, ticket, 'run')?.where).toEqual({ project_key: ['ENG'], assignee: ['a1'] });
  });

  it('for an unknown tool pins every argument or is not offered', () => {
    const tool = toolSpec('send', { server: 'x', trusted: false, risk: 'write' });
    expect(grantFromApproval(tool, { to: 'a', body: 'b' }, 'always')).toEqual({
      tool: 'x__send',
      where: { to: ['a'], body: ['b'] },
    });
    expect(grantFromApproval(tool, { to: ['a'] }, 'always')?.where).toEqual({ to: [['a']] });
    // It would mean any value.
    expect(grantFromApproval(tool, { to: '*' }, 'always')).toBeUndefined();
  });
});
