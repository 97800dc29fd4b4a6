import * as z from 'zod';
import { commaList, integer, readVariables, type Variables } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';
import { isLoopback, type Address } from './option.ts';

const address = z.string().refine(isSafeAddress, 'must be an https address; http only on this machine');
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** What `npm run docs` writes into the README. */
export const httpVariables = z.object({
  SWITCHBOARD_HTTP_URL: address
    .refine((text) => !/[?#]/u.test(text), 'must have no query and no fragment')
    .optional()
    .describe('Public address of the server, which tokens are for: `https://mcp.example.com/jira`.'),
  SWITCHBOARD_HTTP_HOSTS: commaList
    .optional()
    .describe('Further names in the `Host` header, besides that of the public address.'),
  SWITCHBOARD_HTTP_ORIGINS: commaList
    .optional()
    .describe('Origins of pages that may call: `https://app.example.com`. None if unset.'),
  SWITCHBOARD_HTTP_ISSUER: address.optional().describe('Authorization server whose access tokens (JWT) are accepted.'),
  SWITCHBOARD_HTTP_JWKS: address
    .optional()
    .describe('Address of its keys. Found through the metadata of the issuer if unset.'),
  SWITCHBOARD_HTTP_AUDIENCE: commaList
    .refine((list) => list.length > 0, 'names no audience')
    .optional()
    .describe('Audiences to accept in tokens. The public address if unset.'),
  SWITCHBOARD_HTTP_ALGORITHMS: commaList
    .pipe(z.array(z.enum(algorithms, `must be among ${algorithms.join(', ')}`)).min(1))
    .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .describe('Signatures to accept. RS256, PS256, ES256 and EdDSA if unset.'),
  SWITCHBOARD_HTTP_ACTOR_CLAIM: z
    .string()
    .optional()
    .describe('Claim that names the caller in the audit log: `email`, else `preferred_username`, if unset.'),
  SWITCHBOARD_HTTP_GROUPS_CLAIM: z
    .string()
    .default('groups')
    .describe("Claim with the caller's groups; may be a path: `realm_access.roles`."),
  SWITCHBOARD_HTTP_TOKENS_FILE: z
    .string()
    .optional()
    .describe('File of handed-out tokens: lines of name, SHA-256 of the token, scopes and groups.'),
  SWITCHBOARD_HTTP_POLICY_FILE: z
    .string()
    .optional()
    .describe('YAML file that says which projects, channels and databases a group may use.'),
  SWITCHBOARD_HTTP_CONCURRENCY: integer(1, 1000)
    .default(16)
    .describe('Requests of one caller at the same time. Default: 16.'),
  SWITCHBOARD_METRICS_PORT: z
    .union([z.literal('off'), integer(0, 65_535)], 'must be a port, or off')
    .optional()
    .describe('Port of `/metrics` for Prometheus, or `off`. 9464 if unset.'),
  SWITCHBOARD_METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/u, 'must be a host name or an address')
    .default('127.0.0.1')
    .describe('Where `/metrics` listens. It asks nobody who they are, and is for this machine alone if unset.'),
  SWITCHBOARD_STATE_URL: z
    .string()
    .optional()
    .describe(
      'PostgreSQL database for the state that replicas share: `postgres://user@db.example/state?sslmode=verify-full`.',
    ),
  SWITCHBOARD_STATE: z
    .literal('local', 'must be local, or unset')
    .optional()
    .describe('`local`: keep state in files although other machines can connect.'),
});

export type HttpSettings = z.infer<typeof httpVariables> & { readonly address: Address };

/**
 * @throws ConfigurationError that says what to set. Beyond this machine, nothing is served to callers that are not
 * known, and nothing with state that another replica does not see.
 */
export async function readHttpSettings(where: Address, variables: Variables): Promise<HttpSettings> {
  const read = await readVariables(variables, httpVariables);
  const { SWITCHBOARD_HTTP_ISSUER: issuer, SWITCHBOARD_HTTP_TOKENS_FILE: tokens } = read;
  const isOpen = issuer === undefined && tokens === undefined;
  const named = `${where.host.includes(':') ? `[${where.host}]` : where.host}:${where.port}`;
  const fail = (message: string): never => {
    throw new ConfigurationError(message);
  };
  if (read.SWITCHBOARD_HTTP_JWKS !== undefined && issuer === undefined)
    fail('SWITCHBOARD_HTTP_JWKS is set, but SWITCHBOARD_HTTP_ISSUER is not');
  if (read.SWITCHBOARD_HTTP_POLICY_FILE !== undefined && isOpen)
    fail(
      'SWITCHBOARD_HTTP_POLICY_FILE is set, but nothing says who calls: set SWITCHBOARD_HTTP_ISSUER or SWITCHBOARD_HTTP_TOKENS_FILE',
    );
  for (const origin of read.SWITCHBOARD_HTTP_ORIGINS ?? [])
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      fail(`SWITCHBOARD_HTTP_ORIGINS: '${origin}' is not an origin such as https://app.example.com`);
  if (!isLoopback(where.host)) {
    if (isOpen)
      fail(
        `${named} can be reached from other machines: set SWITCHBOARD_HTTP_ISSUER (access tokens) or SWITCHBOARD_HTTP_TOKENS_FILE (handed-out tokens), or listen on 127.0.0.1`,
      );
    if (read.SWITCHBOARD_HTTP_URL === undefined)
      fail(
        `${named} can be reached from other machines: set SWITCHBOARD_HTTP_URL to the public address of this server`,
      );
    if (read.SWITCHBOARD_STATE_URL === undefined && read.SWITCHBOARD_STATE === undefined)
      fail(
        `${named} can be reached from other machines: set SWITCHBOARD_STATE_URL to a PostgreSQL database that all replicas share, or SWITCHBOARD_STATE=local if there is one replica with a lasting disk`,
      );
  }
  return { ...read, address: where };
}

/** https, or http on this machine. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/gu, '')));
}
