import { Disposable, EventEmitter, type TreeItem, TreeItemCheckboxState, window } from 'vscode';
import type { Node } from './connections/connections-view.ts';
import type { Host } from './host.ts';
import { showProblem } from './problem.ts';

/** Registers the views. They load the host when they are first shown. */
export function registerViews(host: () => Promise<Host>, log: { readonly show: () => void }): Disposable {
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
  return Disposable.from(
    changed,
    tree,
    tree.onDidChangeCheckboxState(async ({ items }) => {
      try {
        const view = await connections();
        for (const [node, state] of items) await view.setEnabled(node, state === TreeItemCheckboxState.Checked);
      } catch (error) {
        void showProblem(error, log);
      }
    }),
    window.registerWebviewViewProvider('switchboard.chat', {
      resolveWebviewView: async (view) => (await host()).chatView.resolveWebviewView(view),
    }),
  );
}
