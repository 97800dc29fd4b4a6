import { describe, expect, it } from 'vitest';
import { factsOfTool, toolNames } from '../../../servers/contract/tool-facts.ts';
import { ourServers, ourTools } from '../our-servers.ts';

describe('the table of our tools', () => {
  it('lists exactly our tools', () => {
    expect([...toolNames].toSorted()).toEqual(ourTools.map(({ name }) => name).toSorted());
  });

  it('says of each which server has it', () => {
    for (const [server, { tools }] of Object.entries(ourServers))
      for (const { name } of tools) expect(factsOfTool(name)?.server, name).toBe(server);
  });

  it.each(ourTools.map((tool) => [tool.name, tool] as const))('%s: risk and arguments match the tool', (name, tool) => {
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
