import { readVariable, type Variables } from '../../../servers/kit/environment.ts';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import { isSafeAddress } from '../../../servers/kit/http/settings.ts';

/** The service's own app in Slack. Slack's server has other credentials, and this process does not know them. */
export interface SlackSettings {
  readonly token: string;
  /** The secret of the app, and the old one while it is rotated. */
  readonly signingSecrets: readonly string[];
  readonly team: string;
  readonly app: string;
  readonly apiUrl: string;
}

const names = {
  token: 'SWITCHBOARD_SLACK_BOT_TOKEN',
  secret: 'SWITCHBOARD_SLACK_SIGNING_SECRET',
  team: 'SWITCHBOARD_SLACK_TEAM',
  app: 'SWITCHBOARD_SLACK_APP',
} as const;

/**
 * @returns undefined without a bot token: then nothing is posted.
 * @throws ConfigurationError
 */
export async function readSlackSettings(variables: Variables): Promise<SlackSettings | undefined> {
  const token = await readVariable(variables, names.token);
  if (token === undefined) return undefined;
  const required = async (name: string, pattern: RegExp, what: string): Promise<string> => {
    const value = await readVariable(variables, name);
    if (value === undefined) throw new ConfigurationError(`${names.token} is set, but ${name} is not: ${what}`);
    if (!pattern.test(value)) throw new ConfigurationError(`${name}: must be ${what}`);
    return value;
  };
  const old = await readVariable(variables, `${names.secret}_OLD`);
  const apiUrl = (await readVariable(variables, 'SWITCHBOARD_SLACK_API_URL')) ?? 'https://slack.com/api/';
  if (!isSafeAddress(apiUrl) || !apiUrl.endsWith('/'))
    throw new ConfigurationError('SWITCHBOARD_SLACK_API_URL: must be an https address that ends with a slash');
  return {
    token,
    signingSecrets: [
      await required(names.secret, /^.{16,}$/u, 'the signing secret of the app'),
      ...(old === undefined ? [] : [old]),
    ],
    team: await required(names.team, /^T[A-Z0-9]{4,20}$/u, 'the id of the workspace, such as T012AB3CD'),
    app: await required(names.app, /^A[A-Z0-9]{4,20}$/u, 'the id of the app, such as A012AB3CD'),
    apiUrl,
  };
}

/** For masking in logs. */
export function secretsOf(slack: SlackSettings | undefined): readonly string[] {
  return slack === undefined ? [] : [slack.token, ...slack.signingSecrets];
}
