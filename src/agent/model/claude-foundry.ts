import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk';
import { createClaudeModel, type ClaudeOptions } from './claude-model.ts';
import type { PlatformSettings } from './claude-platform.ts';
import type { Model } from './model.ts';

export function create(options: ClaudeOptions, { project, key, baseUrl }: PlatformSettings): Model {
  return createClaudeModel({
    ...options,
    client: (send) =>
      Promise.resolve(
        new AnthropicFoundry({
          ...(baseUrl === '' ? { resource: project } : { baseURL: baseUrl, resource: null }),
          apiKey: key,
          defaultHeaders: options.headers ?? {},
          maxRetries: 0,
          logLevel: 'off',
          fetch: send,
        }),
      ),
  });
}
