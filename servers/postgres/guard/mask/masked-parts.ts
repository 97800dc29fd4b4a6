/** What is masked in one relation, directly or through what it is derived from. */
export interface MaskedParts {
  readonly columns: ReadonlySet<string>;
  /** A view of which it cannot be proved which columns show masked ones, so all of them count. */
  readonly whole: boolean;
  /** The column that the owner named, whose values these contain. */
  readonly origin: string;
}
