import { describe, expect, it } from 'vitest';
import { tools as jira } from '../../../servers/jira/tools/index.ts';
import { tools as postgres } from '../../../servers/postgres/tools/index.ts';
import { tools as slack } from '../../../servers/slack/tools/index.ts';
import { factsOfTool, toolNames } from '../../../servers/contract/tool-facts.ts';

const real = [...postgres, ...jira, ...slack];

describe('the table of our tools', () => {
  it('lists exactly our tools', () => {
    expect([...toolNames].toSorted()).toEqual(real.map(({ name }) => name).toSorted());
  });

  it.each(real.map((tool) => [tool.name, tool] as const))('%s: risk and arguments match the tool', (name, tool) => {
    const facts = factsOfTool(name);
    if (facts === undefined) throw new Error('it has no row');
    expect(facts.risk).toBe(tool.risk);
    const known = Object.keys(tool.input.shape);
    for (const list of [facts.destination, facts.harmless, facts.markdown, facts.file, facts.sql])
      for (const argument of list) expect(known).toContain(argument);
    // Who is reached or what becomes of an issue is never harmless.
    for (const argument of ['assignee', 'labels', 'mentions', 'fields', 'parent', 'transition', 'unfurl_hosts'])
      expect(facts.harmless).not.toContain(argument);
    for (const argument of facts.destination) expect(facts.harmless).not.toContain(argument);
  });
});
