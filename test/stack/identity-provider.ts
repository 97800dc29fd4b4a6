import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { errors, Provider } from 'oidc-provider';
import { browse } from './browse.ts';
import { listen } from './listen.ts';

/** Users who may sign in, with any password. */
export interface Employee {
  readonly email: string;
  readonly groups: readonly string[];
}

/** A real authorization server, `oidc-provider`, as a company would have one: it knows people and their groups. */
export interface IdentityProvider {
  readonly url: string;
  /** From now on, tokens can be issued for this server. */
  readonly addResource: (resource: string, scope: string) => void;
  /** Plays a person who signs in and consents in a browser. */
  readonly approve: (url: URL, login: string) => Promise<void>;
  /** The same. @returns the page where it ends. */
  readonly visit: (url: URL, login: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startIdentityProvider(
  people: Readonly<Record<string, Employee>>,
  scopes: readonly string[],
): Promise<IdentityProvider> {
  const resources = new Map<string, string>();
  let provider: Provider | undefined;
  const server = createServer((request, response) => void provider?.callback()(request, response));
  const url = `http://127.0.0.1:${await listen(server)}`;
  const hour = 3600;
  provider = new Provider(url, {
    cookies: { keys: [randomBytes(24).toString('hex')] },
    scopes: ['openid', 'offline_access', ...scopes],
    pkce: { required: () => true },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: (_context, id) =>
      Object.hasOwn(people, id)
        ? { accountId: id, claims: () => ({ sub: id, ...people[id], email_verified: true }) }
        : undefined,
    claims: { openid: ['sub'], email: ['email', 'email_verified', 'groups'] },
    conformIdTokenClaims: false,
    extraTokenClaims: (_context, token) => {
      const person = 'accountId' in token ? people[token.accountId] : undefined;
      return person === undefined ? {} : { email: person.email, email_verified: true, groups: person.groups };
    },
    ttl: {
      AccessToken: hour,
      RefreshToken: 24 * hour,
      Session: hour,
      Interaction: hour,
      Grant: 24 * hour,
      IdToken: hour,
    },
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => '',
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          const scope = resources.get(resource);
          if (scope === undefined) throw new errors.InvalidTarget();
          return { scope, accessTokenFormat: 'jwt', audience: resource };
        },
      },
    },
  });
  return {
    url,
    addResource: (resource, scope) => void resources.set(resource, scope),
    approve: async (page, login) => void (await browse(page, { login })),
    visit: (page, login) => browse(page, { login }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
