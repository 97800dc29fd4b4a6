import * as z from 'zod';
import type { ToolContext } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import type { JiraConnection } from '../connection.ts';
import { withLabel } from './fingerprint.ts';
import { jqlString } from './jql.ts';
import { markOf, markProperty, propertyName } from './mark.ts';
import type { Ticket } from './ticket.ts';

/** How long the search index may take to show a new issue. Cloud updates it later, Data Center with the write. */
const indexLagMs = { cloud: 60_000, 'data-center': 10_000 } as const;

/** Creates the ticket at most once, and finds it again if the response was lost. */
export async function createOnce(ticket: Ticket, context: ToolContext<JiraConnection>): Promise<{ key: string }> {
  const { connection } = context;
  return context.effect({
    name: 'create',
    result: z.object({ key: z.string() }),
    patienceMs: indexLagMs[connection.settings.flavour],
    send: async (mark) => {
      try {
        const { key } = await ticket.api.createIssue(withMark(ticket, mark), [markProperty(mark)]);
        return { key };
      } catch (error) {
        if (error instanceof ToolError && error.code === 'invalid_arguments') connection.forgetFields();
        throw error;
      }
    },
    find: async ({ mark, signal }) => {
      const api = await connection.open({ signal, progress: context.progress });
      const place = `project = ${jqlString(ticket.projectKey)}`;
      const query = ticket.takesLabels
        ? `${place} AND labels = ${jqlString(labelOf(mark))}`
        : `${place} AND creator = currentUser() AND created >= -1d ORDER BY created DESC`;
      const search = { jql: query, fields: ['summary'], limit: 50, pageToken: undefined, properties: [propertyName] };
      const { issues } = await api.search(search);
      const found = issues.find(({ properties }) => ticket.takesLabels || markOf(properties[propertyName]) === mark);
      return found === undefined ? undefined : { key: found.key };
    },
    whereToLook: ticket.takesLabels
      ? `Look in ${ticket.projectKey} for an issue with this summary before trying again: ${connection.settings.baseUrl}.`
      : `Look among the newest issues of ${ticket.projectKey} before trying again: ${connection.settings.baseUrl}.`,
  });
}

function withMark(ticket: Ticket, mark: string): Record<string, unknown> {
  return ticket.takesLabels ? withLabel(ticket.fields, labelOf(mark)) : ticket.fields;
}

function labelOf(mark: string): string {
  return `swb-${mark}`;
}
