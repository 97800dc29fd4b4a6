import {
  type Disposable,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
} from 'vscode';
import type { ServerStatus } from '../chat/messages.ts';
import type { ToolSpec } from '../agent/tools.ts';
import { writeSetting } from './configuration.ts';
import type { EngineHolder, LiveEngine } from './engine.ts';
import { describeHealth, readServerStatus } from './server-status.ts';

export type Node =
  | { readonly kind: 'model' }
  | { readonly kind: 'server'; readonly id: string }
  | { readonly kind: 'tool'; readonly tool: ToolSpec };

const icons: Readonly<Record<ServerStatus['state'], ThemeIcon>> = {
  ready: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  starting: new ThemeIcon('loading~spin'),
  restarting: new ThemeIcon('loading~spin'),
  failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  'not-configured': new ThemeIcon('circle-large-outline'),
  off: new ThemeIcon('circle-outline'),
};

const listLimitMs = 60_000;

/** The model and the servers, each with its state; under a server its tools, which can be turned off one by one. */
export class ConnectionsView implements TreeDataProvider<Node>, Disposable {
  readonly #holder: EngineHolder;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(holder: EngineHolder) {
    this.#holder = holder;
  }

  refresh(): void {
    this.#changed.fire();
  }

  async getTreeItem(node: Node): Promise<TreeItem> {
    const live = await this.#holder.get();
    switch (node.kind) {
      case 'model':
        return modelItem(live);
      case 'server':
        return serverItem(node.id, live);
      case 'tool':
        return toolItem(node.tool, live);
    }
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const live = await this.#holder.get();
    if (node === undefined) {
      const servers = live.engine.hub.states().map(({ id }) => ({ kind: 'server', id }) as const);
      return [{ kind: 'model' }, ...servers];
    }
    if (node.kind !== 'server') return [];
    const status = readServerStatus(live).find(({ id }) => id === node.id);
    if (status === undefined || status.state === 'not-configured') return [];
    const tools = await live.engine.hub.listAll(AbortSignal.timeout(listLimitMs));
    return tools.filter(({ server }) => server === node.id).map((tool) => ({ kind: 'tool', tool }) as const);
  }

  async setEnabled(node: Node, enabled: boolean): Promise<void> {
    if (node.kind !== 'tool') return;
    const { settings } = await this.#holder.get();
    const others = settings.disabledTools.filter((name) => name !== node.tool.name);
    await writeSetting('disabledTools', enabled ? others : [...others, node.tool.name]);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function modelItem(live: LiveEngine): TreeItem {
  const item = new TreeItem('Language model');
  item.id = 'model';
  item.description = live.hasModel ? live.engine.model.id : 'not connected';
  item.iconPath = live.hasModel ? new ThemeIcon('sparkle') : new ThemeIcon('circle-large-outline');
  item.contextValue = 'model';
  if (!live.hasModel) item.command = setUp('claude');
  return item;
}

function serverItem(id: string, live: LiveEngine): TreeItem {
  const status = readServerStatus(live).find((candidate) => candidate.id === id);
  const view = live.engine.hub.states().find((candidate) => candidate.id === id);
  if (status === undefined || view === undefined) return new TreeItem(id);
  const connected = status.state !== 'not-configured';
  const item = new TreeItem(
    status.title,
    connected ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  const health = describeHealth(view);
  item.id = `server:${id}`;
  item.description = [status.detail, health].filter((part) => part !== '').join(' · ');
  item.tooltip = `${status.title}: ${status.state}\n${item.description}`;
  item.iconPath = icons[status.state];
  item.contextValue = connected ? 'server' : 'unconnected';
  item.accessibilityInformation = { label: `${status.title}, ${status.state}, ${item.description}` };
  if (!connected) item.command = setUp(id);
  return item;
}

function toolItem(tool: ToolSpec, live: LiveEngine): TreeItem {
  const item = new TreeItem(tool.title);
  const enabled = !live.settings.disabledTools.includes(tool.name);
  item.id = `tool:${tool.name}`;
  item.description = tool.plainName;
  item.tooltip = tool.description;
  item.iconPath = new ThemeIcon(tool.risk === 'read' ? 'eye' : 'edit');
  item.contextValue = 'tool';
  item.checkboxState = {
    state: enabled ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: enabled ? 'The agent may use it' : 'The agent is not offered it',
  };
  return item;
}

function setUp(system: string) {
  return { command: 'switchboard.setUpConnections', title: 'Set Up Connections...', arguments: [system] };
}
