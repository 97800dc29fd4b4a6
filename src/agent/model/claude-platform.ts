export type PlatformName = 'bedrock' | 'vertex' | 'foundry';

/** Where a company has its Claude. Empty where nothing is given. */
export interface PlatformSettings {
  readonly name: PlatformName;
  readonly region: string;
  /** Google's project, or Foundry's resource. */
  readonly project: string;
  /** Without one, the platform's own way of finding credentials counts. */
  readonly key: string;
  readonly baseUrl: string;
}
