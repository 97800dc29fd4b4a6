import type { JiraApi } from '../client/jira-api.ts';
import type { IssueType } from '../client/response-schemas.ts';
import type { JiraConnection } from '../connection.ts';
import { ToolError } from '../../kit/errors.ts';

/**
 * An issue type of a project, by name or id.
 * @throws ToolError `not_allowed`, or one that lists the types or says how to find the existing projects.
 */
export async function requireIssueType(
  projectKey: string,
  wanted: string,
  api: JiraApi,
  connection: JiraConnection,
): Promise<IssueType> {
  connection.requireProject(projectKey);
  const types = await readTypes(projectKey, api, connection);
  const found = types.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw new ToolError('invalid_arguments', `'issue_type': ${projectKey} has no issue type “${wanted}”.`, {
    hint: `Issue types: ${types.map(({ name }) => name).join(', ')}.`,
  });
}

async function readTypes(projectKey: string, api: JiraApi, connection: JiraConnection) {
  try {
    return await connection.issueTypes(api, projectKey);
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'not_found') throw error;
    throw new ToolError(
      'not_found',
      `'project_key': project ${projectKey} does not exist, or the account may not create issues in it.`,
      { hint: 'list_jira_projects lists the projects.' },
      { cause: error },
    );
  }
}
