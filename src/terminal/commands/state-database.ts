import type { StateAdministration } from '../../../servers/contract/state/administer.ts';
import { problemOfStateUrl } from '../../../servers/contract/state/state-url.ts';
import type { Variables } from '../../settings.ts';
import { SettingsError, UsageError } from '../exit-codes.ts';
import { readSecret } from '../read-key.ts';

const variable = 'SWITCHBOARD_STATE_URL';

/**
 * The state database that servers share.
 * @param given a URL without a password, or true: SWITCHBOARD_STATE_URL, read as the servers read it.
 * @throws UsageError or SettingsError
 */
export async function stateDatabase(given: string | true, variables: Variables): Promise<StateAdministration> {
  const url = given === true ? await readSecret(variables, variable) : given;
  if (url === '') throw new SettingsError(`${variable} is not set`);
  const problem = problemOfStateUrl(url);
  if (given === true) {
    if (problem !== undefined) throw new SettingsError(`${variable}: ${problem}`);
  } else {
    if (problem !== undefined) throw new UsageError(`--state: ${problem}`);
    if (new URL(url).password !== '')
      throw new UsageError(
        `--state: leave the password out, because others on this machine can read it; set PGPASSWORD or ${variable}`,
      );
  }
  // A bundle of its own, with the client of PostgreSQL.
  const { administerState } = await import('../../../servers/contract/state/administer.ts');
  return administerState(url);
}
