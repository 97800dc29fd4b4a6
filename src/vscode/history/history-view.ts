import {
  type Disposable,
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
} from 'vscode';
import type { HistoryEntry } from '../../sessions/history/history-store.ts';
import type { Activity, Chat } from '../chat/chat.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { plural, textLanguage } from '../plural.ts';
import { kindWords, lookOf } from './session-look.ts';

/** VS Code identifies an item by its node object, so each session must always have the same one. */
export type HistoryNode =
  | { readonly kind: 'session'; readonly id: string }
  /** Sessions from here on in the list. */
  | { readonly kind: 'older'; readonly from: number };

export type HistoryTree = Pick<TreeView<HistoryNode>, 'badge' | 'selection' | 'visible'>;

export interface HistoryViewOptions {
  readonly chat: Chat;
  readonly holder: EngineHolder;
  readonly tree: () => HistoryTree | undefined;
  readonly report: (error: unknown) => void;
}

/** Items that VS Code is given at once. Older ones follow when they are asked for. */
const pageSize = 200;
const settleMs = 300;
const readLimitMs = 600_000;

/**
 * The sessions below the chat. A tree and not a webview: it has VS Code's own keys, find box, menus, badge and screen
 * reader support, keeps only visible rows in the page, and costs nothing until it is opened.
 */
export class HistoryView implements TreeDataProvider<HistoryNode>, Disposable {
  readonly #options: HistoryViewOptions;
  readonly #changed = new EventEmitter<HistoryNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new Map<string, HistoryNode>();
  readonly #drawn = new Map<HistoryNode, string>();
  readonly #end = new AbortController();
  #entries: readonly HistoryEntry[] | undefined;
  #byId: ReadonlyMap<string, HistoryEntry> = new Map();
  #activity: readonly Activity[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reading = Promise.resolve();
  #allRead = false;

  constructor(options: HistoryViewOptions) {
    this.#options = options;
    options.chat.onActivity((activity) => this.#setActivity(activity));
  }

  #setActivity(activity: readonly Activity[]): void {
    this.#activity = activity;
    this.#setBadge();
    if (this.#entries === undefined) return;
    this.#redraw();
    this.refresh();
  }

  /** Looks at the sessions again, soon. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#entries !== undefined && this.#options.tree()?.visible === true) void this.#look();
    }, settleMs);
  }

  getTreeItem(node: HistoryNode): TreeItem {
    this.#drawn.set(node, this.#draw(node));
    return this.#item(node);
  }

  async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
    if (this.#entries === undefined) {
      this.#keep(await this.#list());
      void this.#look();
    }
    if (node?.kind === 'session') return [];
    const from = node?.from ?? 0;
    const entries = this.#entries ?? [];
    const page = entries.slice(from, from + pageSize).map(({ id }) => this.#node({ kind: 'session', id }));
    const next = from + pageSize;
    return next < entries.length ? [...page, this.#node({ kind: 'older', from: next })] : page;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#changed.dispose();
  }

  async #list(): Promise<readonly HistoryEntry[]> {
    return (await this.#options.holder.get()).engine.history.list();
  }

  /** One at a time: each reads what the one before has left. */
  #look(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readChanged()).catch(this.#options.report);
    return this.#reading;
  }

  async #readChanged(): Promise<void> {
    const { history } = (await this.#options.holder.get()).engine;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(readLimitMs)]);
    this.#show(await history.list());
    const running = new Set(this.#activity.flatMap(({ state, session }) => (state === 'ended' ? [] : [session])));
    // A session that is being written is read when its run has ended.
    const changed = (this.#entries ?? []).filter(({ id, isCurrent }) => !isCurrent && !running.has(id));
    const first = changed.slice(0, pageSize);
    await history.read(first, signal);
    if (first.length > 0) this.#show(await history.list());
    if (this.#allRead || signal.aborted) return;
    this.#allRead = true;
    await history.read(changed.slice(pageSize), signal);
    await history.tidy();
    this.#show(await history.list());
  }

  /** Redraws only what has changed, because VS Code loses a click on an item while it redraws it. */
  #show(entries: readonly HistoryEntry[]): void {
    const before = this.#entries;
    this.#keep(entries);
    const isSame = before?.length === entries.length && entries.every(({ id }, index) => before[index]?.id === id);
    if (isSame) return this.#redraw();
    this.#drawn.clear();
    this.#changed.fire(undefined);
  }

  #keep(entries: readonly HistoryEntry[]): void {
    this.#entries = entries;
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]));
  }

  #redraw(): void {
    const nodes = [...this.#drawn].flatMap(([node, drawn]) => (drawn === this.#draw(node) ? [] : [node]));
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  #draw(node: HistoryNode): string {
    return JSON.stringify(this.#item(node));
  }

  #node(wanted: HistoryNode): HistoryNode {
    const key = wanted.kind === 'session' ? wanted.id : `older:${wanted.from}`;
    const node = this.#nodes.get(key) ?? wanted;
    this.#nodes.set(key, node);
    return node;
  }

  #item(node: HistoryNode): TreeItem {
    if (node.kind === 'older') {
      const item = new TreeItem(l10n.t('Older sessions'), TreeItemCollapsibleState.Collapsed);
      item.id = `older:${node.from}`;
      item.description = ((this.#entries?.length ?? 0) - node.from).toLocaleString(textLanguage());
      item.contextValue = 'older';
      return item;
    }
    const entry = this.#byId.get(node.id);
    return entry === undefined ? new TreeItem(node.id) : sessionItem(entry, this.#activityOf(node.id));
  }

  #activityOf(id: string): Activity | undefined {
    return this.#activity.find(({ session }) => session === id);
  }

  /** Of sessions that are not shown. The chat counts its own cards. */
  #setBadge(): void {
    const tree = this.#options.tree();
    if (tree === undefined) return;
    const others = this.#activity.filter(({ isShown }) => !isShown);
    const waiting = others.filter(({ state }) => state === 'waiting').length;
    const ended = others.filter(({ state }) => state === 'ended').length;
    const parts = [
      ...(waiting > 0 ? [plural(waiting, '{0} session waits for you', '{0} sessions wait for you')] : []),
      ...(ended > 0 ? [plural(ended, '{0} run has ended', '{0} runs have ended')] : []),
    ];
    const value = waiting + ended;
    tree.badge = value === 0 ? undefined : { value, tooltip: parts.join(', ') };
  }
}

function sessionItem(entry: HistoryEntry, activity: Activity | undefined): TreeItem {
  const { title, marks, icon, color } = lookOf(entry, activity, new Date());
  const item = new TreeItem(title);
  item.id = entry.id;
  item.description = marks.join(' · ');
  const { facts } = entry;
  const written = (facts?.writes ?? []).map(({ kind, what, about }) => `${what} ${kindWords[kind]}: ${about}`);
  const asked =
    facts === undefined || facts.title === '' || facts.title === title ? [] : [l10n.t('Asked: {0}', facts.title)];
  item.tooltip = [title, ...asked, ...written, new Date(entry.changed).toLocaleString(textLanguage())].join('\n');
  item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
  const kinds = [entry.pinned === true ? 'pinned' : 'unpinned', ...(facts?.runbooks.length ? ['runbook'] : [])];
  item.contextValue = ['session', ...kinds].join('.');
  item.accessibilityInformation = { label: [title, ...marks].join(', ') };
  item.command = { command: 'switchboard.openSession', title: l10n.t('Open Session'), arguments: [entry.id] };
  return item;
}
