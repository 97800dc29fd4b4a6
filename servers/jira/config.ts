import * as z from 'zod';
import { commaList, readVariables, type Variables } from '../kit/environment.ts';
import { ConfigurationError } from '../kit/errors.ts';

/** Jira's address, and what we may use there. */
export interface Settings {
  /** Without a trailing slash; Data Center may have a path: "https://jira.example.com/jira". */
  readonly baseUrl: string;
  readonly flavour: 'cloud' | 'data-center';
  /** Upper-case keys; undefined allows all that the account can see. */
  readonly allowedProjects: ReadonlySet<string> | undefined;
  /** The limit of a description or comment, in characters. */
  readonly textLimit: number;
  /** Where records of runs are, with the slash at the end; undefined if nowhere. */
  readonly recordsUrl: string | undefined;
}

/** Whose rights we have. */
export interface Account {
  /** The value of the Authorization header. */
  readonly authorization: string;
  readonly secrets: readonly string[];
}

/** Variables of the account, which may differ from caller to caller. */
export const accountNames = ['JIRA_EMAIL', 'JIRA_TOKEN', 'JIRA_PAT'] as const;
const ofAccount = { JIRA_EMAIL: true, JIRA_TOKEN: true, JIRA_PAT: true } as const;

const projectKey = /^[A-Z][A-Z0-9_]{0,254}$/;

/** Written into the README by `npm run docs`. */
export const jiraVariables = z.object({
  JIRA_URL: z
    .string()
    .transform((text, context) => {
      const wanted = 'must be the address of your Jira, such as https://your-team.atlassian.net';
      const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
      if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.search !== '' || url.hash !== '')
        context.addIssue(wanted);
      else if (url.protocol === 'http:' && !isLoopback(url.hostname))
        context.addIssue(
          `${wanted}: over http: the token would be sent unencrypted; http: is allowed only for this machine`,
        );
      else if (url.username !== '' || url.password !== '')
        context.addIssue(`${wanted}, without a user name or password in it`);
      else if (/\/(?:rest|browse)\//.test(`${url.pathname}/`)) context.addIssue(`${wanted}, without /rest or /browse`);
      return url === undefined ? '' : `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    })
    .describe('Jira address: `https://your-team.atlassian.net`, or your Data Center with its path.'),
  JIRA_EMAIL: z
    .string()
    .includes('@', 'must be the email address of the account that JIRA_TOKEN belongs to')
    .optional()
    .describe('Cloud: email address of the account.'),
  JIRA_TOKEN: z.string().trim().optional().describe('Cloud: API token of the account.'),
  JIRA_PAT: z.string().trim().optional().describe('Data Center: a personal access token, instead of the two above.'),
  JIRA_ALLOWED_PROJECTS: commaList
    .transform((keys) => keys.map((key) => key.toUpperCase()))
    .refine((keys) => keys.length > 0, 'lists no project; leave it unset to allow all')
    .refine((keys) => keys.every((key) => projectKey.test(key)), 'must be project keys, such as ENG,OPS')
    .optional()
    .describe('The only projects to read and write: `ENG,OPS`. Default: all that the account can see.'),
  JIRA_TEXT_LIMIT: z
    .string()
    .regex(/^\d{4,7}$/, 'must be the maximum number of characters that Jira accepts in a text, such as 65534')
    .transform(Number)
    .default(32_767)
    .describe(
      'Maximum length that Jira accepts for a description or comment, in characters. Longer text becomes an attachment.',
    ),
  SWITCHBOARD_RECORDS_URL: z
    .string()
    .refine(isWebFolder, 'must be an http or https address that ends with a slash')
    .optional()
    .describe('Address of the records of runs. A ticket ends with a link to that of its run. The worker sets it.'),
});

function isWebFolder(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\/[^?#]+\/$/u.test(text);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @throws ConfigurationError that names the variable and what is expected. */
export async function readSettings(source: Variables): Promise<Settings> {
  const read = await readVariables(source, jiraVariables.omit(ofAccount));
  const isSet = (name: (typeof accountNames)[number]): boolean =>
    [name, `${name}_FILE`].some((variable) => (source[variable] ?? '') !== '');
  if (isSet('JIRA_PAT') && isSet('JIRA_TOKEN'))
    throw new ConfigurationError('JIRA_PAT (Data Center) and JIRA_TOKEN (Cloud) are both set; keep the one that fits');
  if (!isSet('JIRA_PAT') && !isSet('JIRA_TOKEN'))
    throw new ConfigurationError(
      'JIRA_TOKEN is not set (Cloud, with JIRA_EMAIL), and neither is JIRA_PAT (Data Center)',
    );
  if (!isSet('JIRA_PAT') && !isSet('JIRA_EMAIL'))
    throw new ConfigurationError('JIRA_EMAIL is not set: JIRA_TOKEN belongs to an account');
  return {
    baseUrl: read.JIRA_URL,
    flavour: isSet('JIRA_PAT') ? 'data-center' : 'cloud',
    allowedProjects: read.JIRA_ALLOWED_PROJECTS === undefined ? undefined : new Set(read.JIRA_ALLOWED_PROJECTS),
    textLimit: read.JIRA_TEXT_LIMIT,
    recordsUrl: read.SWITCHBOARD_RECORDS_URL,
  };
}

/** @throws ConfigurationError that names the variable and what is expected. */
export async function readAccount(source: Variables): Promise<Account> {
  const {
    JIRA_EMAIL: email,
    JIRA_TOKEN: token,
    JIRA_PAT: pat,
  } = await readVariables(source, jiraVariables.pick(ofAccount));
  if (pat !== undefined) return { authorization: `Bearer ${pat}`, secrets: [pat] };
  if (token === undefined) throw new ConfigurationError('JIRA_TOKEN is not set');
  if (email === undefined) throw new ConfigurationError('JIRA_EMAIL is not set: JIRA_TOKEN belongs to an account');
  const encoded = Buffer.from(`${email}:${token}`).toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [token, encoded] };
}
