/** One statement of a flight. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly (string | null)[];
  /** Most rows to fetch now; the portal stays open for more. Without it all rows come. */
  readonly rows?: number;
  /** Names the portal, so that it outlives the next statement. */
  readonly portal?: string;
  /** Goes on with a portal that an earlier flight left open, instead of a text. */
  readonly resume?: boolean;
  /** By the simple protocol, as the only one of its flight: its `$1` needs no value. */
  readonly plain?: boolean;
}
