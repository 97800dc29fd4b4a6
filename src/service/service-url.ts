import { readVariable, type Variables } from '../../servers/kit/environment.ts';
import { ConfigurationError } from '../../servers/kit/errors.ts';
import { isSafeAddress } from '../../servers/kit/http/settings.ts';

/**
 * The public address of the service, for links; without a slash at the end.
 * @throws ConfigurationError
 */
export async function readServiceUrl(variables: Variables): Promise<string | undefined> {
  const url = await readVariable(variables, 'SWITCHBOARD_SERVICE_URL');
  if (url === undefined) return undefined;
  if (!isSafeAddress(url) || new URL(url).search !== '' || new URL(url).hash !== '')
    throw new ConfigurationError('SWITCHBOARD_SERVICE_URL: must be an address such as https://switchboard.example.com');
  return url.replace(/\/+$/u, '');
}
