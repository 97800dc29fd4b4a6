/** One statement of a pipeline. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly (string | null)[];
  /** Maximum rows to fetch now; the portal stays open for more. If omitted, all rows are fetched. */
  readonly rows?: number;
  /** Names the portal so that it survives the next statement. */
  readonly portal?: string;
  /** Continues a portal that an earlier pipeline left open, instead of running a text. */
  readonly resume?: boolean;
  /** Leaves out the description of its columns, where there are none or nobody needs them. */
  readonly bare?: boolean;
  /** Uses the simple protocol, alone in its pipeline: `$1` needs no value. */
  readonly plain?: boolean;
}
