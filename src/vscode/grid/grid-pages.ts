import { l10n } from 'vscode';
import * as z from 'zod';
import type { Evidence } from '../../agent/evidence/types.ts';
import type { Arguments } from '../../agent/tools.ts';
import { maxGridRows, type GridResult } from '../../chat/grid-messages.ts';
import type { ChatState } from '../../chat/chat-state.ts';

/** What the database server says of a page beside its rows. Third parties' results may say the same. */
const pageSchema = z.object({
  next_cursor: z.string().optional().catch(undefined),
  masked: z.array(z.string()).catch([]),
  cut_cells: z.array(z.tuple([z.int(), z.int()])).catch([]),
});

/** A result and the pages that were read after it, oldest first. */
export type Pages = readonly [Evidence, ...Evidence[]];

/** Adds the pages that a run or a person has read since: each names the cursor of the one before. */
export async function followPages(
  first: Evidence,
  evidence: ChatState['evidence'],
  read: (id: string) => Promise<Evidence | undefined>,
): Promise<Pages> {
  const pages: [Evidence, ...Evidence[]] = [first];
  for (let last = first; ;) {
    const cursor = cursorOf(last);
    const view = cursor === undefined ? undefined : evidence.find((each) => each.arguments['cursor'] === cursor);
    const page = view === undefined || view.tool !== first.tool ? undefined : await read(view.id);
    if (page === undefined || !isPageOf(first, page)) return pages;
    pages.push(page);
    last = page;
  }
}

function isPageOf(first: Evidence, page: Evidence): boolean {
  const same = (key: 'query' | 'database'): boolean => first.arguments[key] === page.arguments[key];
  const names = (of: Evidence): string => JSON.stringify(of.columns.map(({ name }) => name));
  return page.server === first.server && same('query') && same('database') && names(first) === names(page);
}

/** The call for the next page, if the database keeps its cursor. Whether it still does, only the call can tell. */
export function nextPageCall(pages: Pages): { readonly plainName: string; readonly arguments: Arguments } | undefined {
  const [first] = pages;
  const cursor = cursorOf(pages.at(-1) ?? first);
  if (cursor === undefined || first.server !== 'postgres' || first.tool !== 'query_database') return undefined;
  const { cursor: _, ...repeated } = first.arguments;
  return { plainName: first.tool, arguments: { ...repeated, cursor } };
}

function cursorOf({ value }: Evidence): string | undefined {
  return pageSchema.safeParse(value).data?.next_cursor;
}

/** The pages as one result. */
export function joinPages(pages: Pages): GridResult & { readonly rows: Evidence['rows'] } {
  const [first] = pages;
  const last = pages.at(-1) ?? first;
  const rows: Evidence['rows'][number][] = [];
  const cutCells: [number, number][] = [];
  const masked = new Set<string>();
  for (const page of pages) {
    const facts = pageSchema.safeParse(page.value).data;
    for (const name of facts?.masked ?? []) masked.add(name);
    for (const [row, column] of facts?.cut_cells ?? []) cutCells.push([rows.length + row, column]);
    for (const row of page.rows) if (rows.length < maxGridRows) rows.push(row);
  }
  const { query } = first.arguments;
  return {
    id: first.id,
    title: first.title,
    query: typeof query === 'string' ? query : JSON.stringify(first.arguments),
    columns: first.columns,
    rowCount: rows.length,
    truncated: last.truncated || rows.length === maxGridRows,
    masked: [...masked],
    cutCells,
    endsBecause: endsBecause(pages, rows.length),
    rows,
  };
}

function endsBecause(pages: Pages, rowCount: number): string | undefined {
  if (rowCount >= maxGridRows) return l10n.t('the grid holds no more: aggregate or filter in SQL');
  return nextPageCall(pages) === undefined ? l10n.t('it keeps no cursor for the rest') : undefined;
}
