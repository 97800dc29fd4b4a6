import { randomBytes } from 'node:crypto';
import { env, Uri, ViewColumn, window, workspace, type WebviewPanel, l10n } from 'vscode';
import * as z from 'zod';
import { fileEnding, renderFile, tableOfQuery, type Table } from '../../agent/evidence/table-file.ts';
import type { Evidence } from '../../agent/evidence/types.ts';
import { gridMessageSchema, type GridHostMessage, type GridMessage } from '../../chat/grid-messages.ts';
import { gridPage } from '../../chat/page.ts';
import type { Texts } from '../../chat/texts.ts';
import type { Chat } from '../chat/chat.ts';
import { readTexts } from '../texts.ts';
import { followPages, joinPages, nextPageCall, type Pages } from './grid-pages.ts';

export interface GridOptions {
  readonly chat: Chat;
  /** `dist`. */
  readonly folder: Uri;
  /** A result with all its rows. */
  readonly evidence: (session: string, id: string) => Promise<Evidence | undefined>;
  readonly log: (line: string) => void;
}

/** What the grid keeps of itself. It says no more than `open` does, and the session decides what there is. */
const placeSchema = z.object({ session: z.string().max(100), id: z.string().regex(/^E\d{1,6}$/u) });

/** A message of this many rows is drawn before the next arrives. */
const rowsPerMessage = 5000;

/** Results in editor tabs. The rows stay in the session, and a tab that was hidden gets them again. */
export class GridPanels {
  readonly #options: GridOptions;
  readonly #open = new Map<string, WebviewPanel>();

  constructor(options: GridOptions) {
    this.#options = options;
  }

  async open(session: string, id: string): Promise<void> {
    const key = `${session}/${id}`;
    const standing = this.#open.get(key);
    if (standing !== undefined) return standing.reveal();
    const panel = window.createWebviewPanel('switchboard.grid', `${id} - Switchboard`, ViewColumn.Active);
    await this.#fill(panel, session, id);
  }

  /** A tab that was open when the window was reloaded. */
  async restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const { data: place } = placeSchema.safeParse(state);
    if (place === undefined) panel.dispose();
    else await this.#fill(panel, place.session, place.id);
  }

  async #fill(panel: WebviewPanel, session: string, id: string): Promise<void> {
    const key = `${session}/${id}`;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#options.folder] };
    this.#open.set(key, panel);
    panel.onDidDispose(() => this.#open.delete(key));
    panel.webview.onDidReceiveMessage((value: unknown) => void this.#receive(panel, session, id, value));
    panel.webview.html = this.#page(panel, await readTexts(this.#options.log));
  }

  async #receive(panel: WebviewPanel, session: string, id: string, value: unknown): Promise<void> {
    const { data: message, error } = gridMessageSchema.safeParse(value);
    if (message === undefined)
      return this.#options.log(`message from a grid refused: ${error?.issues[0]?.message ?? ''}`);
    try {
      await this.#handle(panel, session, id, message);
    } catch (failed) {
      post(panel, {
        type: 'grid-notice',
        level: 'error',
        message: failed instanceof Error ? failed.message : String(failed),
      });
    }
  }

  async #handle(panel: WebviewPanel, session: string, id: string, message: GridMessage): Promise<void> {
    switch (message.type) {
      case 'grid-ready':
        return sendPages(panel, session, await this.#pages(session, id), 0);
      case 'grid-next-page':
        return this.#loadNext(panel, session, id);
      case 'copy-text':
        return env.clipboard.writeText(message.text);
      case 'grid-copy':
        return env.clipboard.writeText(renderFile(message.format, await this.#tableOf(session, id, message)));
      case 'grid-save':
        return save(renderFile(message.format, await this.#tableOf(session, id, message)), message, id);
    }
  }

  /** As a run of its own, so that it is checked, recorded and becomes evidence like any other query. */
  async #loadNext(panel: WebviewPanel, session: string, id: string): Promise<void> {
    const chat = this.#options.chat.shown;
    const before = await this.#pages(session, id);
    const call = nextPageCall(before);
    if (call === undefined || chat.state.session !== session)
      throw new Error(
        l10n.t('The next page can only be loaded in the session that made the query. Open that session first.'),
      );
    if (chat.isRunning) throw new Error(l10n.t('A run is in progress. Load the next page when it has ended.'));
    await chat.run({ prompt: l10n.t('Next page of {0}', id), context: [], attachments: [], calls: [call] });
    const after = await this.#pages(session, id);
    if (after.length === before.length)
      throw new Error(
        l10n.t(
          'The next page could not be read: see the chat for the reason. To read more rows, run the query again with LIMIT and OFFSET, or with a condition on its key.',
        ),
      );
    return sendPages(panel, session, after, joinPages(before).rowCount);
  }

  async #pages(session: string, id: string): Promise<Pages> {
    const { chat, evidence } = this.#options;
    const first = await evidence(session, id);
    if (first === undefined) throw new Error(l10n.t('{0} is not in this session.', id));
    const later = chat.state.session === session ? chat.state.evidence : [];
    return followPages(first, later, (page) => evidence(session, page));
  }

  async #tableOf(
    session: string,
    id: string,
    asked: { readonly rows: readonly number[]; readonly columns: readonly number[] },
  ): Promise<Table> {
    const { rows, columns, query, ...facts } = joinPages(await this.#pages(session, id));
    const chosen = asked.columns.flatMap((index) => columns[index] ?? []);
    const cells = asked.rows.flatMap((index) => {
      const row = rows[index];
      return row === undefined
        ? []
        : [asked.columns.filter((column) => column < columns.length).map((column) => row[column])];
    });
    return { columns: chosen, rows: cells, name: tableOfQuery(query), notes: notesOn(facts, cells.length) };
  }

  #page({ webview }: WebviewPanel, texts: Texts): string {
    const uri = (name: string): string => webview.asWebviewUri(Uri.joinPath(this.#options.folder, name)).toString();
    return gridPage({
      script: uri('grid.js'),
      style: uri('webview.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      texts,
    });
  }
}

function notesOn(
  { id, rowCount, truncated, masked, cutCells }: Omit<ReturnType<typeof joinPages>, 'rows' | 'columns' | 'query'>,
  count: number,
): readonly string[] {
  return [
    ...(count < rowCount ? [`${count} of ${rowCount} rows of ${id}.`] : []),
    ...(truncated ? [`${id} is not complete: the source has more rows.`] : []),
    ...(masked.length > 0 ? [`Masked: ${masked.join(', ')}.`] : []),
    ...(cutCells.length > 0 ? [`${cutCells.length} values of ${id} were cut by the server.`] : []),
  ];
}

async function save(text: string, { format }: { readonly format: keyof typeof fileEnding }, id: string): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const ending = fileEnding[format];
  const place = await window.showSaveDialog({
    ...(folder !== undefined && { defaultUri: Uri.joinPath(folder, `${id}.${ending}`) }),
    filters: { [ending.toUpperCase()]: [ending] },
  });
  if (place !== undefined) await workspace.fs.writeFile(place, Buffer.from(text));
}

function sendPages(panel: WebviewPanel, session: string, pages: Pages, from: number): void {
  const { rows, ...result } = joinPages(pages);
  post(panel, { type: 'grid-result', session, result });
  for (let start = from; start < rows.length || start === from; start += rowsPerMessage)
    post(panel, { type: 'grid-rows', id: result.id, from: start, rows: rows.slice(start, start + rowsPerMessage) });
}

function post({ webview }: WebviewPanel, message: GridHostMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code, not a window
  void webview.postMessage(message);
}
