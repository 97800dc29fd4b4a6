import { readVariable, readVariables, type Variables } from '../../../servers/kit/environment.ts';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import { createAuthenticate } from '../../../servers/kit/http/authenticate.ts';
import { createJwtVerifier } from '../../../servers/kit/http/jwt.ts';
import { isRefusal } from '../../../servers/kit/http/refusal.ts';
import { httpVariables } from '../../../servers/kit/http/settings.ts';
import { openStaticTokens } from '../../../servers/kit/http/static-tokens.ts';
import type { Log } from '../../../servers/kit/log.ts';
import { text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import { createBrowserLogin, type BrowserLogin } from './browser-login.ts';
import { createLoginProvider } from './provider.ts';
import type { Visitor } from './visitor.ts';

export type Visit =
  | { readonly kind: 'known'; readonly visitor: Visitor }
  | { readonly kind: 'refused'; readonly answer: Answer };

export type Identify = (call: Call) => Promise<Visit>;

export interface VisitorSettings {
  readonly variables: Variables;
  readonly serviceUrl: string | undefined;
  /** Groups that mean something here. */
  readonly groups: readonly string[];
  readonly fetch: typeof fetch;
  readonly log: Log;
}

export interface Visitors {
  readonly identify: Identify;
  readonly module: RouteModule;
}

/**
 * The same login as that of the servers over HTTP: their variables, their checks. People with a browser sign in with the
 * same issuer, if the service is a client there.
 * @returns undefined if the settings do not say whose tokens are accepted: then nobody can sign in.
 * @throws ConfigurationError
 */
export async function openVisitors(options: VisitorSettings): Promise<Visitors | undefined> {
  const { variables, serviceUrl } = options;
  const settings = await readVariables(variables, httpVariables);
  const { SWITCHBOARD_HTTP_ISSUER: issuer, SWITCHBOARD_HTTP_TOKENS_FILE: file } = settings;
  if (issuer === undefined && file === undefined) return undefined;
  const audience = settings.SWITCHBOARD_HTTP_AUDIENCE ?? (serviceUrl === undefined ? [] : [serviceUrl]);
  if (issuer !== undefined && audience.length === 0)
    throw new ConfigurationError(
      'SWITCHBOARD_SERVICE_URL is not set: it says which access tokens are for this service',
    );
  const algorithms = settings.SWITCHBOARD_HTTP_ALGORITHMS;
  const groupsClaim = settings.SWITCHBOARD_HTTP_GROUPS_CLAIM;
  const jwt =
    issuer === undefined
      ? undefined
      : createJwtVerifier({
          issuer,
          jwks: settings.SWITCHBOARD_HTTP_JWKS,
          audience: () => audience,
          algorithms,
          actorClaim: settings.SWITCHBOARD_HTTP_ACTOR_CLAIM,
          groupsClaim,
          fetch: options.fetch,
        });
  const tokens = file === undefined ? undefined : await openStaticTokens(file);
  const authenticate = createAuthenticate({ jwt, tokens, policy: undefined, challenge });
  const browser = await openBrowser(options, { issuer, algorithms, groupsClaim });
  return {
    module: browser?.module ?? { routes: [] },
    identify: async (call) => {
      const { authorization, accept = '' } = call.request.headers;
      if (authorization === undefined && browser !== undefined) {
        const visitor = await browser.visitorOf(call.request);
        if (visitor !== undefined) return { kind: 'known', visitor };
        if (accept.includes('text/html')) return { kind: 'refused', answer: browser.begin(call.url.pathname) };
      }
      const found = await authenticate(call.request);
      if (isRefusal(found)) return { kind: 'refused', answer: text(found.status, found.message, found.headers) };
      const { caller, scopes } = found;
      const { actor, subject, names } = caller;
      const visitor = { actor, subject, email: names.email, groups: caller.claim(groupsClaim), scopes };
      return { kind: 'known', visitor };
    },
  };
}

async function openBrowser(
  { variables, serviceUrl, groups, fetch, log }: VisitorSettings,
  {
    issuer,
    algorithms,
    groupsClaim,
  }: { issuer: string | undefined; algorithms: readonly string[]; groupsClaim: string },
): Promise<BrowserLogin | undefined> {
  const clientId = await readVariable(variables, 'SWITCHBOARD_LOGIN_CLIENT_ID');
  if (clientId === undefined) return undefined;
  const secret = await readVariable(variables, 'SWITCHBOARD_LOGIN_CLIENT_SECRET');
  if (issuer === undefined || serviceUrl === undefined || secret === undefined)
    throw new ConfigurationError(
      'SWITCHBOARD_LOGIN_CLIENT_ID needs SWITCHBOARD_LOGIN_CLIENT_SECRET, SWITCHBOARD_HTTP_ISSUER and SWITCHBOARD_SERVICE_URL',
    );
  if (secret.length < 16)
    throw new ConfigurationError('SWITCHBOARD_LOGIN_CLIENT_SECRET: must have 16 characters or more');
  const scope = (await readVariable(variables, 'SWITCHBOARD_LOGIN_SCOPE')) ?? 'openid email';
  const provider = createLoginProvider({ issuer, clientId, clientSecret: secret, algorithms, fetch });
  return createBrowserLogin({ provider, issuer, secret, serviceUrl, scope, groupsClaim, groups, log });
}

function challenge(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
  return `Bearer ${pairs.join(', ')}`.trim();
}
