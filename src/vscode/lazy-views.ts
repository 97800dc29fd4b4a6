import { Disposable, EventEmitter, type TreeItem, TreeItemCheckboxState, window } from 'vscode';
import type { Node } from './connections-view.ts';
import type { Host } from './host.ts';

/** Views that load the host when they are first shown. */
export function registerViews(host: () => Promise<Host>): Disposable {
  const changed = new EventEmitter<void>();
  let followed = false;
  const connections = async () => {
    const { connections: view } = await host();
    if (!followed) view.onDidChangeTreeData(() => changed.fire());
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
  return Disposable.from(
    changed,
    tree,
    tree.onDidChangeCheckboxState(async ({ items }) => {
      const view = await connections();
      for (const [node, state] of items) await view.setEnabled(node, state === TreeItemCheckboxState.Checked);
    }),
    window.registerWebviewViewProvider('switchboard.chat', {
      resolveWebviewView: async (view) => (await host()).chatView.resolveWebviewView(view),
    }),
  );
}
