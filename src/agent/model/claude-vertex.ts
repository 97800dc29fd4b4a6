import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { GoogleAuth, OAuth2Client } from 'google-auth-library';
import { createClaudeModel, type ClaudeOptions } from './claude-model.ts';
import type { PlatformSettings } from './claude-platform.ts';
import type { Model } from './model.ts';

/** Uses a token, or Google's default credentials. One client serves all turns, because it caches its token. */
export function create(options: ClaudeOptions, { region, project, key, baseUrl }: PlatformSettings): Model {
  const transporterOptions = options.fetch === undefined ? {} : { fetchImplementation: options.fetch };
  const auth = key === '' ? { googleAuth: googleAuth(transporterOptions) } : { authClient: clientOf(key) };
  return createClaudeModel({
    ...options,
    client: (send) =>
      Promise.resolve(
        new AnthropicVertex({
          region: region === '' ? 'global' : region,
          projectId: project === '' ? null : project,
          ...auth,
          ...(baseUrl !== '' && { baseURL: baseUrl }),
          defaultHeaders: options.headers ?? {},
          maxRetries: 0,
          logLevel: 'off',
          fetch: send,
        }),
      ),
  });
}

function googleAuth(transporterOptions: object): GoogleAuth {
  const scopes = 'https://www.googleapis.com/auth/cloud-platform';
  return new GoogleAuth({ scopes, clientOptions: { transporterOptions } });
}

function clientOf(token: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token });
  return client;
}
