import * as z from 'zod';
import { tableFormats } from './table-formats.ts';
import type { EvidenceView } from './vocabulary.ts';

/** A result as the grid shows it, without its rows. */
export interface GridResult {
  readonly id: string;
  readonly title: string;
  /** The statement, or a summary of the arguments. */
  readonly query: string;
  readonly columns: EvidenceView['columns'];
  readonly rowCount: number;
  /** Whether the source has more rows than `rowCount`. */
  readonly truncated: boolean;
  /** Columns whose values the server hid. */
  readonly masked: readonly string[];
  /** Row and column of each cell that the server cut. */
  readonly cutCells: readonly (readonly [row: number, column: number])[];
  /** Why there is no next page, or undefined if it can be loaded. */
  readonly endsBecause: string | undefined;
}

/** Host -> grid. */
export type GridHostMessage =
  /** The result, or what has changed of it. Rows follow. */
  | { readonly type: 'grid-result'; readonly session: string; readonly result: GridResult }
  /** Rows from this index on. They replace what is there. */
  | { readonly type: 'grid-rows'; readonly id: string; readonly from: number; readonly rows: EvidenceView['rows'] }
  | { readonly type: 'grid-notice'; readonly level: 'info' | 'error'; readonly message: string };

/** More rows would be higher than browsers can draw, and take more memory than a view should. */
export const maxGridRows = 500_000;

const id = z.string().min(1).max(200);
const index = z.int().min(0);

/** Rows and columns in the order in which they are shown. The host has the values. */
const part = {
  id,
  format: z.enum(tableFormats),
  rows: z.array(index).max(maxGridRows),
  columns: z.array(index).min(1).max(2000),
};

/** Grid -> host, which validates it, as the grid renders untrusted text. */
export const gridMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('grid-ready') }),
  z.strictObject({ type: z.literal('grid-copy'), ...part }),
  z.strictObject({ type: z.literal('grid-save'), ...part }),
  z.strictObject({ type: z.literal('grid-next-page'), id }),
  z.strictObject({ type: z.literal('copy-text'), text: z.string().max(200_000) }),
]);

export type GridMessage = z.infer<typeof gridMessageSchema>;
