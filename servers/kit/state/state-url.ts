import { readVariable, type Variables } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';
import { isLoopback } from '../http/option.ts';

/**
 * SWITCHBOARD_STATE_URL with its secrets; undefined if it is not set.
 * @throws ConfigurationError
 */
export async function readStateUrl(variables: Variables): Promise<{ url: string; secrets: string[] } | undefined> {
  const url = await readVariable(variables, 'SWITCHBOARD_STATE_URL');
  if (url === undefined) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    throw new ConfigurationError('SWITCHBOARD_STATE_URL: must be a URL such as postgres://user@db.example/switchboard');
  const host = parsed.hostname.replace(/^\[|\]$/gu, '');
  // For a socket folder, the host is empty and the folder is in the parameters.
  if (host !== '' && !isLoopback(host) && !parsed.searchParams.has('sslmode'))
    throw new ConfigurationError(
      'SWITCHBOARD_STATE_URL: add ?sslmode=verify-full, or sslmode=disable if the network is trusted',
    );
  const password = decodeURIComponent(parsed.password);
  return { url, secrets: [password, parsed.password].filter((secret) => secret !== '') };
}
