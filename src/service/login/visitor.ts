/** Somebody with a valid token. */
export interface Visitor {
  readonly actor: string;
  readonly subject: string;
  /** Undefined unless the issuer says that it verified it. */
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly scopes: 'all' | ReadonlySet<string>;
}
