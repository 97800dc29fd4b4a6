import type { PlatformName, PlatformSettings } from './claude-platform.ts';
import type { ClaudeOptions } from './claude-model.ts';
import type { Model } from './model.ts';

// Each has its own bundle, with the client and credential code of its cloud.
const platforms = {
  bedrock: () => import('./claude-bedrock.ts'),
  vertex: () => import('./claude-vertex.ts'),
  foundry: () => import('./claude-foundry.ts'),
} as const satisfies Record<PlatformName, () => Promise<unknown>>;

const titles: Readonly<Record<PlatformName, string>> = {
  bedrock: 'Amazon Bedrock',
  vertex: 'Vertex AI',
  foundry: 'Microsoft Foundry',
};

const credentials: Readonly<Record<PlatformName, string>> = {
  bedrock: 'AWS_BEARER_TOKEN_BEDROCK or the AWS credentials',
  vertex: 'the Google credentials (gcloud auth application-default login)',
  foundry: 'ANTHROPIC_FOUNDRY_API_KEY',
};

/** Claude on another platform, through the SDK's client for it, which is loaded on the first turn. */
export function createPlatformModel(options: ClaudeOptions, settings: PlatformSettings): Model {
  const { name } = settings;
  const named = {
    ...options,
    platform: { name: titles[name], host: hostOf(settings), credential: credentials[name], ...options.platform },
  };
  return {
    id: options.model,
    async *stream(request) {
      const { create } = await platforms[name]();
      yield* create(named, settings).stream(request);
    },
  };
}

function hostOf({ name, region, baseUrl }: PlatformSettings): string {
  if (URL.canParse(baseUrl)) return new URL(baseUrl).host;
  return name === 'bedrock' && region !== '' ? `bedrock-runtime.${region}.amazonaws.com` : titles[name];
}
