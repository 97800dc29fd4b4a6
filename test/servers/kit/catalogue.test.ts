import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { examples } from '../../../servers/contract/examples.ts';
import { toolFacts } from '../../../servers/contract/tool-facts.ts';
import type { ToolDescription } from '../../../servers/kit/describe-tool.ts';
import { createCatalogue } from '../../../servers/kit/http/catalogue/catalogue.ts';
import { cataloguePage, pageHeaders } from '../../../servers/kit/http/catalogue/page.ts';
import { scopesOf } from '../../../servers/kit/http/scopes.ts';
import { ourTools } from '../our-servers.ts';

const ticket: ToolDescription = {
  name: 'create_jira_ticket',
  title: 'Create Jira ticket',
  description: 'Files a ticket.',
  inputSchema: {
    type: 'object',
    properties: {
      project_key: { type: 'string', description: 'e.g. ENG' },
      issue_type: { type: 'string', enum: ['Bug', 'Task'] },
      limit: { type: 'integer', default: 10 },
    },
    required: ['project_key', 'limit'],
  },
  outputSchema: { type: 'object' },
  annotations: { readOnlyHint: false, destructiveHint: false },
};

function catalogueOf(...tools: ToolDescription[]) {
  const terms = tools.map(({ name }) => ({ name, limit: '10/10m', scopes: ['write:issue'] }));
  return createCatalogue({ name: 'jira', title: 'Switchboard Jira', scopes: scopesOf('jira'), tools: terms }, tools);
}

describe('the catalogue', () => {
  it('says of a tool what it needs, where it writes, and what undoes it', () => {
    expect(catalogueOf(ticket).tools).toMatchObject([
      {
        name: 'create_jira_ticket',
        risk: 'write',
        scopes: ['jira:read', 'jira:write'],
        upstreamScopes: ['write:issue'],
        limit: '10/10m',
        destination: ['project_key'],
        undo: toolFacts.create_jira_ticket.undo,
        isForPeople: false,
        arguments: [
          { name: 'project_key', type: 'string', isRequired: true, description: 'e.g. ENG' },
          { name: 'issue_type', type: '"Bug" | "Task"', isRequired: false, description: '' },
          { name: 'limit', type: 'integer', isRequired: false, description: 'default: 10' },
        ],
        example: examples.create_jira_ticket,
      },
    ]);
    const [undo] = catalogueOf({
      ...ticket,
      name: 'undo_jira_change',
      annotations: { readOnlyHint: false, destructiveHint: true },
    }).tools;
    expect(undo).toMatchObject({ risk: 'destructive', isForPeople: true });
    const [read] = catalogueOf({ ...ticket, name: 'get_jira_issue', annotations: { readOnlyHint: true } }).tools;
    expect(read).toMatchObject({ risk: 'read', scopes: ['jira:read'], destination: [] });
  });

  it.each(ourTools.map((tool) => [tool.name, tool] as const))(
    'has an example of %s that the tool takes',
    (name, tool) => {
      const example = Object.entries(examples).find(([each]) => each === name)?.[1];
      expect(tool.input.safeParse(example).error).toBeUndefined();
    },
  );

  it('shows what a description contains as text, and lets the page run nothing', () => {
    const hostile = `</code></style><script>alert(1)</script><img src=x onerror="alert('2')">&amp;`;
    const page = cataloguePage(
      catalogueOf({
        ...ticket,
        name: `x"><script>3</script>`,
        title: hostile,
        description: hostile,
        inputSchema: {
          type: 'object',
          properties: { [hostile]: { type: hostile, description: hostile, default: hostile, enum: [hostile] } },
        },
      }),
    );
    expect(page).not.toMatch(/<script|<img|onerror="|<\/style>[\s\S]*<\/style>/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&amp;amp;');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const policy = pageHeaders['content-security-policy'];
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });
});
