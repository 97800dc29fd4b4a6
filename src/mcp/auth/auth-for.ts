import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import type { RemoteSpec } from '../server-specs.ts';
import type { CredentialStore } from './credential-store.ts';
import { hasTokens, StoredOAuth } from './stored-oauth.ts';

/** How a background connection signs in: with stored tokens or client credentials. It never opens a browser. */
export function createAuthFor(store: CredentialStore): (spec: RemoteSpec) => Promise<OAuthClientProvider | undefined> {
  return async ({ url, oauth, scopes, trusted }) => {
    const provider = await providerFor(store, { url, oauth, scopes });
    if (provider === undefined || !trusted) return provider;
    const { boundTo } = await import('../client/sdk-v2.ts');
    return boundTo(url, provider);
  };
}

async function providerFor(
  store: CredentialStore,
  { url, oauth, scopes }: Pick<RemoteSpec, 'url' | 'oauth' | 'scopes'>,
): Promise<OAuthClientProvider | undefined> {
  if (oauth?.grant === 'client_credentials') {
    const { createMachineAuth } = await import('../client/sdk-v2.ts');
    return createMachineAuth({ ...oauth, scopes: oauth.scopes ?? scopes });
  }
  // Without tokens, the SDK would register a new client on every start for no benefit.
  if (!(await hasTokens(store, url))) return undefined;
  return new StoredOAuth({ resource: url, store, client: oauth, scopes: oauth?.scopes ?? scopes });
}
