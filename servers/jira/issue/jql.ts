import { ToolError } from '../../kit/errors.ts';

/** Adds to a refused JQL what would be right. */
export async function explainJql<Result>(search: Promise<Result>): Promise<Result> {
  try {
    return await search;
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'invalid_arguments') throw error;
    const message = error.message.replace('Jira did not accept the request', "'jql' is not accepted by Jira");
    const hint = hintFor(error.message);
    const details = error.details === undefined ? {} : { details: error.details };
    throw new ToolError('invalid_arguments', message, { hint, ...details }, { cause: error });
  }
}

function hintFor(message: string): string {
  if (/unbounded/i.test(message)) return 'Add a restriction, such as project = ENG or created >= -30d.';
  if (/does not exist for the field 'project'/i.test(message))
    return 'list_jira_projects shows the projects there are.';
  if (/field '.*' does not exist/i.test(message)) return 'Custom fields are written "Field name" or cf[10010].';
  if (/reserved/i.test(message)) return 'Put values with spaces or special characters in double quotes.';
  if (/nextPageToken/i.test(message)) return "'page_token' belongs to one query: use it with the same jql.";
  return 'A query reads: project = ENG AND text ~ "timeout" AND created >= -7d ORDER BY created DESC.';
}

/** Text as a JQL string. */
export function jqlString(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}+/gu, ' ')}"`;
}
