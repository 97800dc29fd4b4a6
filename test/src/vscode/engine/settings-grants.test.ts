import { expect, it } from 'vitest';
import { readGrants } from '../../../../src/vscode/engine/settings-grants.ts';

const right = { tool: 'post_slack_message', where: { channel: ['#operations'] }, limit: 1 };

it('returns valid grants', () => {
  const { grants, problems } = readGrants([right, { tool: 'github__create_issue' }]);
  expect(grants.map(({ origin, grant }) => [origin, grant.tool])).toEqual([
    ['settings', 'post_slack_message'],
    ['settings', 'github__create_issue'],
  ]);
  expect(problems).toEqual([]);
});

it.each([
  [{ ...right, tool: 'post_message' }, "switchboard.grants[1].tool: unknown tool 'post_message'; use one of "],
  [{ ...right, require: ['no-link'] }, 'switchboard.grants[1].require.0: must be one of verified-numbers, no-links, '],
  [{ ...right, were: {} }, 'switchboard.grants[1].were: unknown key'],
  [{ ...right, limit: 0 }, 'switchboard.grants[1].limit: must be at least 1'],
  ['post_slack_message', 'switchboard.grants[1]: must be of type object'],
])('grants nothing for %j and names the mistake', (wrong, problem) => {
  const { grants, problems } = readGrants([right, wrong]);
  expect(grants).toHaveLength(1);
  expect(problems).toEqual([expect.stringContaining(problem)]);
});
