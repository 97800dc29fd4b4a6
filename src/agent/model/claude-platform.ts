export type PlatformName = 'bedrock' | 'vertex' | 'foundry';

/** The platform where a company runs Claude. Empty fields are not set. */
export interface PlatformSettings {
  readonly name: PlatformName;
  readonly region: string;
  /** The Google project or the Foundry resource. */
  readonly project: string;
  /** If absent, the platform finds its own credentials. */
  readonly key: string;
  readonly baseUrl: string;
}
