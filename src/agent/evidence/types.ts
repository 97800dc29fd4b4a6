import type { EvidenceView } from '../events.ts';
import type { Arguments } from '../tools.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** One tool result of a session, kept whole and addressable by its id. */
export interface Evidence {
  /** `E1`, `E2`, ... in the order of the results; never given twice in a session. */
  readonly id: string;
  /** The tool's plain name. */
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly arguments: Arguments;
  /** UTC, ISO 8601. */
  readonly time: string;
  /** Empty where the result is no table. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** How many rows the result has here; with `truncated` there are more upstream. */
  readonly rowCount: number;
  readonly truncated: boolean;
  /** The whole structured result; `{text}` where the tool gave only text, and `text` beside it where that says more. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Hex, over the canonical JSON of `value`. */
  readonly sha256: string;
  readonly view: () => EvidenceView;
}
