/** What a verified token says about its holder. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** In readable form. */
  readonly actor: string;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** All that the token says. */
  readonly claims: Readonly<Record<string, unknown>>;
}
