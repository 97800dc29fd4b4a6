import * as z from 'zod';
import type { Preview } from '../../contract/preview.ts';
import { outcomeSchema } from '../../contract/preview.ts';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import { attachWholes, shownWholes } from '../issue/attach-whole.ts';
import { createInput } from '../issue/create-input.ts';
import { createOnce } from '../issue/create-once.ts';
import { findDuplicates } from '../issue/duplicates.ts';
import { composeTicket, type Ticket } from '../issue/ticket.ts';

export default defineTool({
  name: 'create_jira_ticket',
  title: 'Create Jira ticket',
  description: 'Creates an issue. Lists missing required fields.',
  limit: '10/10m',
  input: createInput,
  output: z.object({
    outcome: outcomeSchema,
    success: z.boolean(),
    issue_key: z.string(),
    issue_url: z.string(),
    summary: z.string(),
    warnings: z.array(z.string()),
  }),
  preview: async (input, context: ToolContext<JiraConnection>) => {
    const ticket = await composeTicket(input, context);
    const key = `${ticket.projectKey}-NEW`;
    const willGive = { issue_key: key, issue_url: context.connection.issueUrl(key) };
    return { ...showTicket(ticket, await lookForDuplicates(ticket, context)), willGive };
  },
  run: async (input, context) => {
    const ticket = await composeTicket(input, context);
    const { key } = await createOnce(ticket, context);
    await attachWholes(key, ticket.wholes, context);
    const issueUrl = context.connection.issueUrl(key);
    return {
      structured: {
        outcome: 'done' as const,
        success: true,
        issue_key: key,
        issue_url: issueUrl,
        summary: ticket.summary,
        warnings: ticket.warnings,
      },
      text: [`Created ${key}: ${issueUrl}`, ...ticket.warnings].join('\n'),
    };
  },
});

/** A failed search is reported but does not prevent creation. */
async function lookForDuplicates(
  { api, connection, projectKey, summary, fingerprint, warnings }: Ticket,
  { signal, log }: ToolContext<JiraConnection>,
): Promise<Preview['duplicates']> {
  try {
    return await findDuplicates({ projectKey, summary, fingerprint }, api, connection);
  } catch (error) {
    signal.throwIfAborted();
    log('warn', 'duplicate search failed', { error: error instanceof Error ? error.message : String(error) });
    warnings.push('Could not check whether this was filed before.');
    return [];
  }
}

function showTicket(ticket: Ticket, duplicates: Preview['duplicates']): Preview {
  return {
    title: `Create a ${ticket.issueType.name} in ${ticket.projectKey}`,
    destination: { id: ticket.projectKey, name: ticket.projectKey },
    body: ticket.description,
    raw: JSON.stringify({ fields: ticket.fields, ...shownWholes(ticket.wholes) }),
    fields: [
      { label: 'Summary', value: ticket.summary, argument: 'summary' },
      { label: 'Type', value: ticket.issueType.name, argument: 'issue_type' },
      ...ticket.shown,
      ...(ticket.fingerprint === undefined
        ? []
        : [{ label: 'Label added', value: `${ticket.fingerprint} (finds it if the same happens again)` }]),
      ...(ticket.takesLabels
        ? [{ label: 'Label added', value: 'swb-… (finds it again if the response is lost)' }]
        : []),
    ],
    warnings: ticket.warnings,
    duplicates,
    linkHosts: ticket.linkHosts,
    mentions: ticket.mentions,
  };
}
