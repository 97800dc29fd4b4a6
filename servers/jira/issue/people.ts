import type { Mentions } from '../adf/document.ts';
import type { JiraApi } from '../client/jira-api.ts';
import type { User } from '../client/response-schemas.ts';
import { ToolError } from '../../kit/errors.ts';

/**
 * A person who can be assigned, by account id, email address, name or "me".
 * @throws ToolError `invalid_arguments` with the candidates if there is no match or more than one.
 */
export async function findAssignee(
  wanted: string,
  argument: string,
  where: { projectKey: string } | { issueKey: string },
  api: JiraApi,
): Promise<User> {
  if (wanted.toLowerCase() === 'me') return api.currentUser();
  return onlyOne(await api.findAssignable(wanted, where), wanted, argument, 'no person who can be assigned here');
}

/** A person for any other field. @throws ToolError as `findAssignee` */
export async function findUser(wanted: string, argument: string, api: JiraApi): Promise<User> {
  if (wanted.toLowerCase() === 'me') return api.currentUser();
  const byId = await userById(wanted, api);
  if (byId !== undefined) return byId;
  const found = (await api.findUsers(wanted, 50)).filter(({ active }) => active);
  return onlyOne(found, wanted, argument, 'nobody');
}

async function userById(id: string, api: JiraApi): Promise<User | undefined> {
  // A name with a space or an email address is not an id.
  if (!/^[\w:.-]+$/.test(id)) return undefined;
  try {
    const user = await api.getUser(id);
    return user.active ? user : undefined;
  } catch (error) {
    if (error instanceof ToolError && ['not_found', 'invalid_arguments'].includes(error.code)) return undefined;
    throw error;
  }
}

function onlyOne(found: readonly User[], wanted: string, argument: string, nobody: string): User {
  const same = (text: string | undefined) => text?.toLowerCase() === wanted.toLowerCase();
  const exact = found.filter(({ id, displayName, emailAddress }) => [id, displayName, emailAddress].some(same));
  const [only, ...others] = exact.length > 0 ? exact : found;
  if (only !== undefined && others.length === 0) return only;
  const candidates = [only, ...others].filter((user) => user !== undefined).map(describeUser);
  if (only === undefined)
    throw new ToolError('invalid_arguments', `'${argument}': ${nobody} is called “${wanted}”.`, {
      hint: 'find_jira_users lists people. An email address or account id is exact.',
    });
  throw new ToolError(
    'invalid_arguments',
    `'${argument}': “${wanted}” could be ${candidates.slice(0, 10).join(', ')}.`,
    {
      hint: 'Give the account id or the email address.',
      details: { candidates: candidates.slice(0, 20) },
    },
  );
}

export function describeUser({ id, displayName, emailAddress }: User): string {
  return `${displayName} (${emailAddress === undefined ? id : `${emailAddress}, ${id}`})`;
}

/**
 * The people behind the account ids that a text may notify.
 * @throws ToolError `invalid_arguments` for an unknown id, or one that the text does not mention.
 */
export async function findMentioned(ids: readonly string[], markdown: string, api: JiraApi): Promise<Mentions> {
  const people = new Map<string, string>();
  for (const id of ids) {
    if (!markdown.includes(`[~accountid:${id}]`))
      throw new ToolError('invalid_arguments', `'mentions': the text does not contain [~accountid:${id}].`, {
        hint: 'Put it where the name should appear.',
      });
    people.set(id, (await findPerson(id, api)).displayName);
  }
  return people;
}

async function findPerson(id: string, api: JiraApi): Promise<User> {
  try {
    return await api.getUser(id);
  } catch (error) {
    if (!(error instanceof ToolError) || !['not_found', 'invalid_arguments'].includes(error.code)) throw error;
    throw new ToolError('invalid_arguments', `'mentions': there is no person with the id “${id}”.`, {
      hint: 'find_jira_users shows ids.',
    });
  }
}
