import { Disposable, EventEmitter, type TreeItem, TreeItemCheckboxState, window } from 'vscode';
import type { Node } from './connections/connections-view.ts';
import type { HistoryNode, HistoryTree } from './history/history-view.ts';
import type { Host } from './host.ts';
import { showProblem } from './problem.ts';

export interface Views extends Disposable {
  readonly history: HistoryTree;
}

/** Registers the views. They load the host when they are first shown. */
export function registerViews(host: () => Promise<Host>, log: { readonly show: () => void }): Views {
  const changed = new EventEmitter<Node[] | undefined>();
  let followed = false;
  const connections = async () => {
    const { connections: view } = await host();
    if (!followed) view.onDidChangeTreeData((nodes) => changed.fire(nodes));
    followed = true;
    return view;
  };
  const tree = window.createTreeView<Node>('switchboard.connections', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: async (node): Promise<TreeItem> => (await connections()).getTreeItem(node),
      getChildren: async (node): Promise<Node[]> => (await connections()).getChildren(node),
    },
    manageCheckboxStateManually: true,
  });
  const historyChanged = new EventEmitter<HistoryNode[] | undefined>();
  let isHistoryFollowed = false;
  const historyView = async () => {
    const { history } = await host();
    if (!isHistoryFollowed) history.onDidChangeTreeData((nodes) => historyChanged.fire(nodes));
    isHistoryFollowed = true;
    return history;
  };
  const history = window.createTreeView<HistoryNode>('switchboard.history', {
    treeDataProvider: {
      onDidChangeTreeData: historyChanged.event,
      getTreeItem: async (node): Promise<TreeItem> => (await historyView()).getTreeItem(node),
      getChildren: async (node): Promise<HistoryNode[]> => (await historyView()).getChildren(node),
    },
    canSelectMany: true,
  });
  const parts = Disposable.from(
    changed,
    tree,
    historyChanged,
    history,
    history.onDidChangeVisibility(({ visible }) => {
      // Other windows write sessions too.
      if (visible && isHistoryFollowed) void historyView().then((view) => view.refresh());
    }),
    tree.onDidChangeCheckboxState(async ({ items }) => {
      try {
        const view = await connections();
        for (const [node, state] of items) await view.setEnabled(node, state === TreeItemCheckboxState.Checked);
      } catch (error) {
        void showProblem(error, log);
      }
    }),
    window.registerWebviewPanelSerializer('switchboard.grid', {
      deserializeWebviewPanel: async (panel, state: unknown) => (await host()).grids.restore(panel, state),
    }),
    window.registerWebviewViewProvider('switchboard.chat', {
      resolveWebviewView: async (view) => (await host()).chatView.resolveWebviewView(view),
    }),
  );
  return { history, dispose: () => void parts.dispose() };
}
