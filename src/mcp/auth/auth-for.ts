import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import type { RemoteSpec } from '../server-specs.ts';
import type { CredentialStore } from './credential-store.ts';
import { hasTokens, StoredOAuth } from './stored-oauth.ts';

/** How a connection in the background signs in: with what is stored, or as a machine; it never opens a browser. */
export function createAuthFor(store: CredentialStore): (spec: RemoteSpec) => Promise<OAuthClientProvider | undefined> {
  return async ({ url, oauth }) => {
    if (oauth?.grant === 'client_credentials') {
      const { createMachineAuth } = await import('../client/sdk-v2.ts');
      return createMachineAuth(oauth);
    }
    // With no tokens the SDK would register a client at each start, for nothing.
    if (!(await hasTokens(store, url))) return undefined;
    return new StoredOAuth({ resource: url, store, client: oauth, scopes: oauth?.scopes });
  };
}
