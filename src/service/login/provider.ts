import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload } from 'jose';
import * as z from 'zod';
import { isSafeAddress } from '../../../servers/kit/http/settings.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly algorithms: readonly string[];
  readonly fetch: typeof fetch;
}

/** The company's identity provider, for the code flow of OpenID Connect Core with PKCE. */
export interface LoginProvider {
  readonly authorizationUrl: (parameters: Readonly<Record<string, string>>) => Promise<URL>;
  /** The verified claims of the ID token. @throws if the provider refuses the code, or the token is not for this login. */
  readonly redeem: (login: {
    code: string;
    verifier: string;
    redirectUri: string;
    nonce: string;
  }) => Promise<JWTPayload>;
}

const timeoutMs = 10_000;
const address = z.string().refine(isSafeAddress);
const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  token_endpoint_auth_methods_supported: z.array(z.string()).default(['client_secret_basic']),
});
type Metadata = z.infer<typeof metadataSchema>;

export function createLoginProvider(options: ProviderOptions): LoginProvider {
  const { issuer, clientId, clientSecret } = options;
  let found: Promise<{ metadata: Metadata; keys: ReturnType<typeof createRemoteJWKSet> }> | undefined;
  const discover = () => {
    found ??= readMetadata(options).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    authorizationUrl: async (parameters) => {
      const { metadata } = await discover();
      const url = new URL(metadata.authorization_endpoint);
      for (const [name, value] of Object.entries({ ...parameters, client_id: clientId }))
        url.searchParams.set(name, value);
      return url;
    },
    redeem: async ({ code, verifier, redirectUri, nonce }) => {
      const { metadata, keys } = await discover();
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
      const isBasic = metadata.token_endpoint_auth_methods_supported.includes('client_secret_basic');
      const encoded = [clientId, clientSecret].map(encodeURIComponent).join(':');
      const response = await options.fetch(metadata.token_endpoint, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: isBasic ? { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` } : {},
        body: new URLSearchParams(isBasic ? form : { ...form, client_id: clientId, client_secret: clientSecret }),
      });
      if (!response.ok) throw new Error(`the identity provider refused the code (status ${response.status})`);
      const { id_token } = z.object({ id_token: z.string() }).parse(await response.json());
      const { payload } = await jwtVerify(id_token, keys, {
        issuer,
        audience: clientId,
        algorithms: [...options.algorithms],
        clockTolerance: 30,
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      if (payload['nonce'] !== nonce) throw new Error('the ID token is not of this login');
      if (Array.isArray(payload.aud) && payload.aud.length > 1 && payload['azp'] !== clientId)
        throw new Error('the ID token is for another client');
      return payload;
    },
  };
}

async function readMetadata({ issuer, fetch }: ProviderOptions) {
  const url = `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`the identity provider has no metadata (status ${response.status})`);
  const metadata = metadataSchema.parse(await response.json());
  if (metadata.issuer !== issuer) throw new Error('the metadata is of another issuer');
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
    timeoutDuration: timeoutMs,
    [customFetch]: (address, init) => fetch(address, { ...init, redirect: 'error' }),
  });
  return { metadata, keys };
}
