import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../../../src/agent/yaml.ts';
import { findApprovalRule, timesOf } from '../../../../src/agent/policy/approvers.ts';
import { parsePolicy } from '../../../../src/agent/policy/policy-file.ts';

function read(text: string): unknown {
  const parsed = parsePolicy(text);
  return parsed.kind === 'valid' ? parsed.grants : describeIssues('policy.yaml', parsed.issues);
}

const grant = { tool: 'create_jira_ticket', where: { project_key: ['ENG'] }, limit: 1, require: ['verified-numbers'] };

describe('a policy file', () => {
  it('is YAML or JSON', () => {
    expect(read(JSON.stringify({ grants: [grant] }))).toEqual([grant]);
    expect(
      read(`
# What the nightly job may do
grants:
  - tool: create_jira_ticket
    where: { project_key: [ENG] }
    limit: 1
    require: [verified-numbers]
`),
    ).toEqual([grant]);
  });

  it('may name the tool of another server', () => {
    expect(read('grants: [{tool: github__create_issue, where: {repo: [a]}}]')).toHaveLength(1);
  });

  it.each([
    [
      'an unknown key',
      'grants:\n  - tool: post_slack_message\n    wher: {channel: [x]}',
      'policy.yaml:3:11: grants.0.wher: unknown key',
    ],
    ['an unknown key at the top', 'grants: []\nallow: all', 'policy.yaml:2:8: allow: unknown key'],
    [
      'an unknown requirement',
      'grants: [{tool: post_slack_message, require: [verified]}]',
      /grants\.0\.require\.0: must be one of verified-numbers, no-links, no-mentions/,
    ],
    [
      'an unknown tool',
      'grants:\n- tool: post_message',
      /policy\.yaml:2:9: grants\.0\.tool: unknown tool 'post_message'; use one of .*post_slack_message/,
    ],
    ['no tool', 'grants:\n- limit: 1', 'policy.yaml:2:3: grants.0.tool: is required (string)'],
    [
      'a value for a list',
      'grants:\n- tool: post_slack_message\n  where: {channel: general}',
      'policy.yaml:3:20: grants.0.where.channel: must be a list',
    ],
    [
      'an empty list, which would allow nothing',
      'grants:\n- tool: post_slack_message\n  where: {channel: []}',
      /channel: must be at least 1/,
    ],
    [
      'a pattern for a value',
      'grants:\n- tool: post_slack_message\n  where: {channel: [{matches: .*}]}',
      /grants\.0\.where\.channel\.0/,
    ],
    ['a limit of none', 'grants:\n- {tool: post_slack_message, limit: 0}', /limit: must be at least 1/],
    ['nothing', '', 'policy.yaml:1:1: must be of type object'],
    ['a list', '- a', 'policy.yaml:1:1: must be of type object'],
    ['no YAML', 'grants: [', /policy\.yaml:1:10: /],
    ['a key twice', 'grants: []\ngrants: []', /Map keys must be unique/],
    [
      'aliases without end',
      'a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\ngrants: [*c,*c]',
      /Excessive alias count/,
    ],
  ])('with %s is rejected, with its position', (_, text, expected) => {
    expect(read(text)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });
});

describe('the approvals of a policy file', () => {
  const people = '[{slack: U0JANE001, name: Jane Doe}]';

  it('name a place, the people who may answer, and times', () => {
    const parsed = parsePolicy(
      `grants: []\napprovals: [{tools: [create_jira_ticket], post: C0OPERATE, people: ${people}, wait: 15m, expires: 2d}, {post: U0JANE001, people: ${people}}]`,
    );
    const rules = parsed.kind === 'valid' ? parsed.approvals : [];
    expect(rules.map(timesOf)).toEqual([
      { waitMs: 15 * 60_000, expiresMs: 2 * 86_400_000 },
      { waitMs: 10 * 60_000, expiresMs: 4 * 3_600_000 },
    ]);
    expect(findApprovalRule(rules, 'create_jira_ticket')?.post).toBe('C0OPERATE');
    expect(findApprovalRule(rules, 'post_slack_message')?.post).toBe('U0JANE001');
    expect(findApprovalRule(rules.slice(0, 1), 'post_slack_message')).toBeUndefined();
  });

  it.each([
    ['a display name', `{post: C0OPERATE, people: [{slack: jane, name: Jane}]}`, 'people.0.slack'],
    ['nobody', '{post: C0OPERATE, people: []}', 'people'],
    ["a channel's name", `{post: '#operations', people: ${people}}`, 'post'],
    ['a read', `{tools: [query_database], post: C0OPERATE, people: ${people}}`, 'tools.0'],
    ["another server's tool", `{tools: [github__create_issue], post: C0OPERATE, people: ${people}}`, 'tools.0'],
    ['a time without a unit', `{post: C0OPERATE, people: ${people}, wait: '15'}`, 'wait'],
    ['a time without end', `{post: C0OPERATE, people: ${people}, expires: 99999d}`, 'expires'],
    ['an unknown key', `{post: C0OPERATE, people: ${people}, anybody: true}`, 'anybody'],
  ])('are refused with %s', (_, rule, field) => {
    expect(read(`grants: []\napprovals: [${rule}]`)).toContain(`approvals.0.${field}`);
  });
});
