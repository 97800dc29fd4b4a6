/** A secret that cannot be had. The message names the store alone: a mistyped reference may be the secret itself. */
export class StoredSecretError extends Error {
  override readonly name = 'StoredSecretError';
  /** The store did not answer, as opposed to answering that it has no such secret. */
  readonly isAway: boolean;

  constructor(message: string, { isAway = false, cause }: { isAway?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isAway = isAway;
  }

  /** Each store is a bundle with its own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'StoredSecretError';
  }
}

export interface StoredPath {
  readonly path: string;
  /** A field of the secret; undefined for all of it. */
  readonly key: string | undefined;
}

/** Where secrets are kept: Vault, AWS. @throws StoredSecretError */
export type SecretStore = (at: StoredPath) => Promise<string>;
