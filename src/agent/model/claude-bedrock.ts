import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { createClaudeModel, type ClaudeOptions } from './claude-model.ts';
import type { PlatformSettings } from './claude-platform.ts';
import type { Model } from './model.ts';

/** Uses a Bedrock key, or the AWS credential chain: variables, profiles, SSO, roles. */
export function create(options: ClaudeOptions, { region, key, baseUrl }: PlatformSettings): Model {
  return createClaudeModel({
    ...options,
    client: (send) =>
      Promise.resolve(
        new AnthropicBedrock({
          ...(region !== '' && { awsRegion: region }),
          ...(baseUrl !== '' && { baseURL: baseUrl }),
          apiKey: key === '' ? null : key,
          defaultHeaders: options.headers ?? {},
          maxRetries: 0,
          logLevel: 'off',
          fetch: send,
        }),
      ),
  });
}
