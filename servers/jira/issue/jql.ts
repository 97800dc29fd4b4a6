import { ToolError } from '../../kit/errors.ts';

/** Adds a correction hint to a JQL error. */
export async function explainJql<Result>(search: Promise<Result>): Promise<Result> {
  try {
    return await search;
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'invalid_arguments') throw error;
    const message = error.message.replace('Jira rejected the request', "'jql' was rejected by Jira");
    const hint = hintFor(error.message);
    const details = error.details === undefined ? {} : { details: error.details };
    throw new ToolError('invalid_arguments', message, { hint, ...details }, { cause: error });
  }
}

function hintFor(message: string): string {
  if (/unbounded/i.test(message)) return 'Add a restriction, such as project = ENG or created >= -30d.';
  if (/does not exist for the field 'project'/i.test(message)) return 'list_jira_projects lists the projects.';
  if (/field '.*' does not exist/i.test(message)) return 'Custom fields are written "Field name" or cf[10010].';
  if (/reserved/i.test(message)) return 'Put values with spaces or special characters in double quotes.';
  if (/nextPageToken/i.test(message)) return "'page_token' is valid only with the same jql.";
  return 'Example: project = ENG AND text ~ "timeout" AND created >= -7d ORDER BY created DESC.';
}

/** Text as a quoted JQL string. */
export function jqlString(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}+/gu, ' ')}"`;
}
