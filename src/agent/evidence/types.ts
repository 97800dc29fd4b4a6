import type { EvidenceView } from '../events.ts';
import type { Arguments } from '../tools.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** One tool result of a session, stored in full and addressed by its id. */
export interface Evidence {
  /** `E1`, `E2`, ... in the order of the results. Never reused in a session. */
  readonly id: string;
  /** The tool's plain name. */
  readonly tool: string;
  readonly server: string;
  readonly title: string;
  readonly arguments: Arguments;
  /** UTC, ISO 8601. */
  readonly time: string;
  /** Empty if the result is not a table. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** Number of stored rows. If `truncated`, the source has more. */
  readonly rowCount: number;
  readonly truncated: boolean;
  /** The full structured result. `{text}` if the tool returned only text; with an extra `text` if the text says more. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Hex digest of the canonical JSON of `value`. */
  readonly sha256: string;
  readonly view: () => EvidenceView;
}
