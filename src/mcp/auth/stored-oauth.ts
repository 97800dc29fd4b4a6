import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { CredentialStore } from './credential-store.ts';

/** The server requires an interactive sign-in, and this connection may not open a browser. */
export class SignInNeededError extends Error {
  override readonly name = 'SignInNeededError';

  constructor() {
    super('asks for a sign-in');
  }
}

/** Set when the client was registered manually with the authorization server. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
}

export interface Browser {
  /** Where the authorization server redirects the browser. */
  readonly redirectUrl: string;
  readonly state: string;
  readonly open: (url: URL) => Promise<void>;
}

export interface StoredOAuthOptions {
  /** The server's URL. Tokens are valid for this resource only. */
  readonly resource: string;
  readonly store: CredentialStore;
  readonly client?: RegisteredClient | undefined;
  readonly scopes?: readonly string[] | undefined;
  /** Set only during an interactive sign-in. Without it, tokens are used and refreshed, and needing a new sign-in is an error. */
  readonly browser?: Browser | undefined;
}

const tokensSchema = z.looseObject({ access_token: z.string(), token_type: z.string() });
const clientSchema = z.looseObject({ client_id: z.string() });

/** Everything for one resource under one key. Each part is keyed by the authorization server that issued it. */
const storedSchema = z.object({
  latest: z.string().optional(),
  tokens: z.record(z.string(), tokensSchema).default({}),
  clients: z.record(z.string(), clientSchema).default({}),
  /** Scopes the server last asked for beyond those granted. The next sign-in requests them. */
  wantedScope: z.string().optional(),
});

type Stored = z.infer<typeof storedSchema>;

/** Used when the SDK names no issuer: the issuer saved most recently. */
const anyIssuer = '';

/** OAuth 2.1 with PKCE for one server on the network. Tokens live in the store, and in memory only while in use. */
export class StoredOAuth implements OAuthClientProvider {
  readonly #options: StoredOAuthOptions;
  #codeVerifier: string | undefined;
  #discovery: OAuthDiscoveryState | undefined;

  constructor(options: StoredOAuthOptions) {
    this.#options = options;
  }

  get redirectUrl(): string {
    return this.#options.browser?.redirectUrl ?? 'http://127.0.0.1/callback';
  }

  get clientMetadata(): OAuthClientMetadata {
    const { client, scopes } = this.#options;
    return {
      client_name: 'Switchboard',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: client?.clientSecret === undefined ? 'none' : 'client_secret_basic',
      ...(scopes !== undefined && { scope: scopes.join(' ') }),
    };
  }

  readonly state = (): string => this.#options.browser?.state ?? '';

  readonly clientInformation = async (
    context?: OAuthClientInformationContext,
  ): Promise<StoredOAuthClientInformation | undefined> => {
    const { client } = this.#options;
    if (client !== undefined) {
      return {
        client_id: client.clientId,
        ...(client.clientSecret !== undefined && { client_secret: client.clientSecret }),
      };
    }
    const stored = await this.#read();
    return stored.clients[context?.issuer ?? stored.latest ?? anyIssuer];
  };

  readonly saveClientInformation = async (
    information: StoredOAuthClientInformation,
    context?: OAuthClientInformationContext,
  ): Promise<void> => {
    const issuer = context?.issuer ?? anyIssuer;
    await this.#change((stored) => ({
      ...stored,
      latest: issuer,
      clients: { ...stored.clients, [issuer]: { ...information } },
    }));
  };

  readonly tokens = async (context?: OAuthClientInformationContext): Promise<StoredOAuthTokens | undefined> => {
    const stored = await this.#read();
    return stored.tokens[context?.issuer ?? stored.latest ?? anyIssuer];
  };

  readonly saveTokens = async (tokens: StoredOAuthTokens, context?: OAuthClientInformationContext): Promise<void> => {
    const issuer = context?.issuer ?? anyIssuer;
    await this.#change((stored) => ({
      ...stored,
      latest: issuer,
      tokens: { ...stored.tokens, [issuer]: { ...tokens } },
    }));
  };

  readonly redirectToAuthorization = async (url: URL): Promise<void> => {
    const { browser } = this.#options;
    const scope = url.searchParams.get('scope');
    if (browser !== undefined) return browser.open(url);
    if (scope !== null) await this.#change((stored) => ({ ...stored, wantedScope: scope }));
    throw new SignInNeededError();
  };

  readonly saveCodeVerifier = (codeVerifier: string): void => {
    this.#codeVerifier = codeVerifier;
  };

  readonly codeVerifier = (): string => {
    if (this.#codeVerifier === undefined) throw new SignInNeededError();
    return this.#codeVerifier;
  };

  /** Redeem the code where the sign-in began, even if the server now names another issuer. */
  readonly saveDiscoveryState = (state: OAuthDiscoveryState): void => {
    this.#discovery = state;
  };

  readonly discoveryState = (): OAuthDiscoveryState | undefined => this.#discovery;

  readonly invalidateCredentials = async (
    scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery',
  ): Promise<void> => {
    if (scope === 'verifier' || scope === 'all') this.#codeVerifier = undefined;
    if (scope === 'discovery' || scope === 'all') this.#discovery = undefined;
    if (scope === 'all') return this.#options.store.write(this.#key, undefined);
    if (scope === 'tokens') await this.#change((stored) => ({ ...stored, tokens: {} }));
    if (scope === 'client') await this.#change((stored) => ({ ...stored, clients: {} }));
  };

  get #key(): string {
    return credentialKey(this.#options.resource);
  }

  async #read(): Promise<Stored> {
    return readStored(await this.#options.store.read(this.#key));
  }

  async #change(change: (stored: Stored) => Stored): Promise<void> {
    await this.#options.store.write(this.#key, JSON.stringify(change(await this.#read())));
  }
}

export function credentialKey(resource: string): string {
  return `mcp-oauth:${new URL(resource).href}`;
}

/** The scopes the server asked for when it rejected the granted ones; undefined if it never did. */
export async function wantedScopes(store: CredentialStore, resource: string): Promise<readonly string[] | undefined> {
  return readStored(await store.read(credentialKey(resource))).wantedScope?.split(' ');
}

/** Whether any credentials are stored for this server. */
export async function hasTokens(store: CredentialStore, resource: string): Promise<boolean> {
  return Object.keys(readStored(await store.read(credentialKey(resource))).tokens).length > 0;
}

/** Unreadable data counts as no data: the user signs in again. */
function readStored(text: string | undefined): Stored {
  const none: Stored = { tokens: {}, clients: {} };
  if (text === undefined) return none;
  try {
    return storedSchema.safeParse(JSON.parse(text)).data ?? none;
  } catch {
    return none;
  }
}
