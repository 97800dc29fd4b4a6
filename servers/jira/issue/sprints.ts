import type { JiraApi } from '../client/jira-api.ts';
import { projectOfKey } from '../client/keys.ts';
import type { Sprint } from '../client/response-schemas.ts';
import { ToolError } from '../../kit/errors.ts';
import { asText, unwrap, wrongArgument } from './wrong-argument.ts';

/**
 * A sprint by id or name, among the open and future sprints of the project's boards.
 * @throws ToolError that lists them.
 */
export async function findSprint(
  given: unknown,
  argument: string,
  where: { projectKey: string } | { issueKey: string },
  api: JiraApi,
): Promise<{ value: number; shown: string }> {
  const single: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  const wanted = asText(unwrap(single, ['id', 'name']), argument).trim();
  if (/^\d{1,15}$/.test(wanted)) return { value: Number(wanted), shown: wanted };
  const projectKey = 'projectKey' in where ? where.projectKey : projectOfKey(where.issueKey);
  const sprints = await readSprints(projectKey, argument, api);
  const found = sprints.filter(({ name }) => name.trim().toLowerCase() === wanted.toLowerCase());
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return { value: only.id, shown: only.name };
  const listed = (found.length > 0 ? found : sprints)
    .slice(0, 20)
    .map(({ id, name, state }) => `${name} (${id}, ${state})`);
  if (only !== undefined) throw wrongArgument(argument, `matches several sprints; give the id: ${listed.join(', ')}`);
  throw wrongArgument(
    argument,
    listed.length === 0 ? `: no board of ${projectKey} has an open sprint` : `must be one of: ${listed.join(', ')}`,
  );
}

async function readSprints(projectKey: string, argument: string, api: JiraApi): Promise<Sprint[]> {
  try {
    return await api.sprints(projectKey);
  } catch (error) {
    if (!(error instanceof ToolError) || !['not_found', 'forbidden', 'invalid_arguments'].includes(error.code))
      throw error;
    throw new ToolError(
      'invalid_arguments',
      `'${argument}': the sprints of ${projectKey} cannot be listed. Give the id of the sprint.`,
      {},
      { cause: error },
    );
  }
}
