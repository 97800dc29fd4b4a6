import { problemOfStateUrl } from '../../contract/state/state-url.ts';
import { readVariable, type Variables } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';

/**
 * SWITCHBOARD_STATE_URL with its secrets; undefined if it is not set.
 * @throws ConfigurationError
 */
export async function readStateUrl(variables: Variables): Promise<{ url: string; secrets: string[] } | undefined> {
  const url = await readVariable(variables, 'SWITCHBOARD_STATE_URL');
  if (url === undefined) return undefined;
  const problem = problemOfStateUrl(url);
  if (problem !== undefined) throw new ConfigurationError(`SWITCHBOARD_STATE_URL: ${problem}`);
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  return { url, secrets: [password, parsed.password].filter((secret) => secret !== '') };
}
