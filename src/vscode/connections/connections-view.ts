import { isDeepStrictEqual } from 'node:util';
import {
  type Disposable,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
  l10n,
} from 'vscode';
import type { ServerStatus } from '../../chat/messages.ts';
import type { ToolSpec } from '../../agent/tools.ts';
import { describeConfinement } from '../../mcp/child/confinement.ts';
import { readSettings, writeSetting } from '../engine/configuration.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import type { Probes } from './probes.ts';
import { describeHealth, readModelStatus, readServerStatus } from './server-status.ts';
import { known, term } from '../texts.ts';

/** VS Code identifies an item by its node object, so each item must always use the same object. */
export type Node =
  | { readonly kind: 'model'; readonly id: 'model' }
  | { readonly kind: 'server'; readonly id: string }
  | { readonly kind: 'tool'; readonly id: string; readonly server: string };

const icons: Readonly<Record<ServerStatus['state'], ThemeIcon>> = {
  ready: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  starting: new ThemeIcon('loading~spin'),
  restarting: new ThemeIcon('loading~spin'),
  failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  'not-configured': new ThemeIcon('circle-large-outline'),
  off: new ThemeIcon('circle-outline'),
};

const listLimitMs = 60_000;

const model: Node = { kind: 'model', id: 'model' };

/** Lists the model and the servers with their states. Each tool of a server has a check box that turns it off. */
export class ConnectionsView implements TreeDataProvider<Node>, Disposable {
  readonly #holder: EngineHolder;
  readonly #probes: Probes;
  readonly #changed = new EventEmitter<Node[] | undefined>();
  /** Undefined redraws the whole tree, because the list of servers has changed. */
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new Map<string, Node>();
  /** What each node last showed. */
  readonly #drawn = new Map<Node, string>();
  readonly #tools = new Map<string, readonly ToolSpec[]>();
  #live: LiveEngine | undefined;
  #writing = Promise.resolve();

  constructor(holder: EngineHolder, probes: Probes) {
    this.#holder = holder;
    this.#probes = probes;
  }

  /** Redraws only the items that have changed, because VS Code loses a click on an item while it redraws it. */
  async refresh(live: LiveEngine): Promise<void> {
    const known = this.#live === undefined ? undefined : serversOf(this.#live);
    this.#live = live;
    if (!isDeepStrictEqual(known, serversOf(live))) {
      this.#drawn.clear();
      return this.#changed.fire(undefined);
    }
    this.#redraw([...this.#drawn].flatMap(([node, drawn]) => (drawn === this.#draw(node, live) ? [] : [node])));
    if (this.#tools.size === 0) return;
    const tools = await live.engine.hub.listAll(AbortSignal.timeout(listLimitMs));
    if (this.#live !== live) return;
    const others = [...this.#tools].filter(([server, before]) => {
      const now = toolsOf(server, tools);
      this.#tools.set(server, now);
      return !isDeepStrictEqual(before, now);
    });
    this.#redraw(others.map(([server]) => this.#node({ kind: 'server', id: server })));
  }

  async getTreeItem(node: Node): Promise<TreeItem> {
    const live = await this.#current();
    this.#drawn.set(node, this.#draw(node, live));
    return this.#item(node, live);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const live = await this.#current();
    if (node === undefined) return [model, ...serversOf(live).map((id) => this.#node({ kind: 'server', id }))];
    if (node.kind !== 'server') return [];
    const status = readServerStatus(live, this.#probes).find(({ id }) => id === node.id);
    if (status === undefined || status.state === 'not-configured') return [];
    const known = this.#tools.get(node.id);
    const tools =
      known === undefined || known.length === 0
        ? toolsOf(node.id, await live.engine.hub.listAll(AbortSignal.timeout(listLimitMs)))
        : known;
    this.#tools.set(node.id, tools);
    return tools.map(({ name, server }) => this.#node({ kind: 'tool', id: name, server }));
  }

  /** Writes one change at a time, because each change builds on the setting that the previous one wrote. */
  setEnabled(node: Node, enabled: boolean): Promise<void> {
    if (node.kind !== 'tool') return Promise.resolve();
    const written = turn(node.id, enabled, this.#writing);
    this.#writing = written.catch(() => this.#redraw([node]));
    return written;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #current(): Promise<LiveEngine> {
    const live = this.#live ?? (await this.#holder.get());
    this.#live ??= live;
    return this.#live;
  }

  #redraw(nodes: Node[]): void {
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  #node(wanted: Node): Node {
    const key = `${wanted.kind}:${wanted.id}`;
    const node = this.#nodes.get(key) ?? wanted;
    this.#nodes.set(key, node);
    return node;
  }

  #draw(node: Node, live: LiveEngine): string {
    return JSON.stringify(this.#item(node, live));
  }

  #item(node: Node, live: LiveEngine): TreeItem {
    switch (node.kind) {
      case 'model':
        return modelItem(live, this.#probes);
      case 'server':
        return serverItem(node.id, live, this.#probes);
      case 'tool':
        return toolItem(node.id, this.#tools.get(node.server));
    }
  }
}

async function turn(tool: string, enabled: boolean, before: Promise<void>): Promise<void> {
  await before;
  const others = readSettings().settings.disabledTools.filter((name) => name !== tool);
  await writeSetting('disabledTools', enabled ? others : [...others, tool]);
}

function serversOf({ engine }: LiveEngine): readonly string[] {
  return engine.hub.states().map(({ id }) => id);
}

function toolsOf(server: string, tools: readonly ToolSpec[]): readonly ToolSpec[] {
  return tools.filter((tool) => tool.server === server);
}

function modelItem(live: LiveEngine, probes: Probes): TreeItem {
  const { state, detail } = readModelStatus(live, probes);
  const item = new TreeItem(l10n.t('Language model'));
  item.id = 'model';
  item.description = live.hasModel ? known(detail) : l10n.t('not connected');
  item.tooltip = known(detail);
  item.iconPath = state === 'failed' ? icons.failed : new ThemeIcon(live.hasModel ? 'sparkle' : 'circle-large-outline');
  item.contextValue = 'model';
  if (!live.hasModel || state === 'failed') item.command = setUp('claude');
  return item;
}

const stateWords: Readonly<Record<ServerStatus['state'], string>> = {
  ready: l10n.t('ready'),
  starting: l10n.t('starting'),
  restarting: l10n.t('restarting'),
  failed: l10n.t('failed'),
  'not-configured': l10n.t('not set up'),
  off: l10n.t('off'),
};

function serverItem(id: string, live: LiveEngine, probes: Probes): TreeItem {
  const status = readServerStatus(live, probes).find((candidate) => candidate.id === id);
  const view = live.engine.hub.states().find((candidate) => candidate.id === id);
  if (status === undefined || view === undefined) return new TreeItem(id);
  const connected = status.state !== 'not-configured';
  const item = new TreeItem(
    status.title,
    connected ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  const health = status.state === 'ready' ? describeHealth(view) : '';
  item.id = `server:${id}`;
  item.description = [known(status.detail), health].filter((part) => part !== '').join(' · ');
  const leftOut =
    view.state.status === 'ready' ? view.state.leftOut.map((line) => l10n.t('Not offered: {0}', line)) : [];
  const restricted =
    view.confinement === undefined ? [] : [l10n.t('Process {0}', known(describeConfinement(view.confinement)))];
  item.tooltip = [`${status.title}: ${stateWords[status.state]}`, item.description, ...restricted, ...leftOut].join(
    '\n',
  );
  item.iconPath = icons[status.state];
  item.contextValue = connected ? 'server' : 'unconnected';
  item.accessibilityInformation = { label: `${status.title}, ${stateWords[status.state]}, ${item.description}` };
  if (!connected) item.command = setUp(id);
  if (view.state.status === 'failed' && view.state.code === 'unauthorized') {
    item.command = {
      command: 'switchboard.signInToServer',
      title: l10n.t('Sign In to MCP Server...'),
      arguments: [id],
    };
  }
  return item;
}

function toolItem(name: string, tools: readonly ToolSpec[] | undefined): TreeItem {
  const tool = tools?.find((candidate) => candidate.name === name);
  if (tool === undefined) return new TreeItem(name);
  const item = new TreeItem(term(tool.title));
  const enabled = !readSettings().settings.disabledTools.includes(name);
  item.id = `tool:${name}`;
  item.description = tool.plainName;
  item.tooltip = tool.description;
  item.iconPath = new ThemeIcon(tool.risk === 'read' ? 'eye' : 'edit');
  item.contextValue = 'tool';
  item.checkboxState = {
    state: enabled ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: enabled ? l10n.t('Available to the agent') : l10n.t('Hidden from the agent'),
  };
  return item;
}

function setUp(system: string) {
  return { command: 'switchboard.setUpConnections', title: l10n.t('Set Up Connections...'), arguments: [system] };
}
