import type { FieldDef } from 'pg';
import { ToolError } from '../kit/errors.ts';
import type { Budget } from './config/config.ts';
import type { HeldPage } from './connection/held-cursors.ts';
import { maxCellLength } from './page-text.ts';
import type { Page } from './connection/session.ts';
import { knownTypeName } from './values.ts';

/** A page of a query's rows, in PostgreSQL's text form. */
export interface QueryPage {
  readonly fields: readonly FieldDef[];
  readonly typeNames: readonly string[];
  readonly rows: readonly (string | null)[][];
  readonly truncated: boolean;
  readonly nextCursor: string | undefined;
  /** The planner's estimate of the total rows, if there are more pages. */
  readonly estimatedRows: number | undefined;
  /** Columns whose values were masked: `customers.email`. */
  readonly masked: readonly string[];
  /** Notes for the reader of the answer. */
  readonly notes: readonly string[];
}

/** The request, and what the guard found. */
export interface Asked {
  readonly sql: string;
  readonly limit: number;
  readonly masked: readonly string[];
  /** See HeldPage. */
  readonly owner: string;
}

export interface Presenter {
  readonly budget: Budget;
  /** Names of types that are not built in, read in the open transaction. */
  readonly typeNames: (ids: readonly number[]) => Promise<ReadonlyMap<number, string>>;
  /** @returns the cursor for the rest, or undefined if cursors are disabled. */
  readonly hold: (rest: Omit<HeldPage, 'session'>) => string | undefined;
}

/** Cuts the rows to the size of an answer and keeps the rest for the next page. */
export async function presentPage(
  page: Page,
  asked: Asked,
  presenter: Presenter,
  estimatedRows?: number,
): Promise<QueryPage> {
  const { maxSocketBytes, maxResultBytes } = presenter.budget;
  const fit = rowsThatFit(page.rows, asked.limit, maxResultBytes);
  const shown = page.rows.slice(0, fit);
  const pending = page.rows.slice(fit);
  if (page.more === 'cut' && shown.length === 0)
    throw new ToolError('too_large', `A single row is larger than ${maxSocketBytes} bytes (DB_MAX_BYTES).`, {
      hint: 'Select fewer columns, or a part of them: left(column, 1000), length(column).',
    });
  const truncated = page.more === 'cut' || pending.length > 0;
  const typeNames = page.more === 'cut' ? page.fields.map(typeLabel) : await namesOfTypes(page.fields, presenter);
  const notes: string[] = [];
  if (page.more === 'cut') notes.push(`cut after ${maxSocketBytes} bytes (DB_MAX_BYTES)`);
  else if (truncated && fit < asked.limit) notes.push(`cut after ${maxResultBytes} bytes (DB_MAX_RESULT_BYTES)`);
  const nextCursor =
    truncated && page.more !== 'cut'
      ? presenter.hold({
          sql: asked.sql,
          owner: asked.owner,
          masked: asked.masked,
          fields: page.fields,
          pending,
          more: page.more,
        })
      : undefined;
  return {
    fields: page.fields,
    typeNames,
    rows: shown,
    truncated,
    nextCursor,
    estimatedRows: truncated ? estimatedRows : undefined,
    masked: asked.masked,
    notes,
  };
}

async function namesOfTypes(fields: readonly FieldDef[], presenter: Presenter): Promise<string[]> {
  const unknown = fields.map((field) => field.dataTypeID).filter((id) => knownTypeName(id) === undefined);
  if (unknown.length === 0) return fields.map(typeLabel);
  const names = await presenter.typeNames(unknown);
  return fields.map((field) => names.get(field.dataTypeID) ?? typeLabel(field));
}

function typeLabel({ dataTypeID }: FieldDef): string {
  return knownTypeName(dataTypeID) ?? `type ${dataTypeID}`;
}

/** At least one row; a long row is cut inside its cells. */
function rowsThatFit(rows: readonly (string | null)[][], limit: number, maxBytes: number): number {
  let bytes = 0;
  let count = 0;
  for (const row of rows) {
    if (count === limit) break;
    for (const cell of row) bytes += Math.min(cell?.length ?? 2, maxCellLength) + 1;
    if (bytes > maxBytes && count > 0) break;
    count += 1;
  }
  return count;
}
