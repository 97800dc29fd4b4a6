import { commands, env, window, l10n } from 'vscode';

interface Selected {
  readonly name: string;
  readonly text: string;
}

/** @throws Error that says why the selection cannot be added. */
export async function addTerminalSelection(add: (selected: Selected) => string | undefined): Promise<void> {
  const selected = await readTerminalSelection();
  const problem = selected === undefined ? l10n.t('Select text in the terminal first.') : add(selected);
  if (problem !== undefined) throw new Error(problem);
}

/** VS Code gives extensions no access to the selection of a terminal but by its own copy command. */
async function readTerminalSelection(): Promise<Selected | undefined> {
  const before = await env.clipboard.readText();
  const mark = `switchboard ${Math.random()}`;
  try {
    await env.clipboard.writeText(mark);
    await commands.executeCommand('workbench.action.terminal.copySelection');
    const text = await env.clipboard.readText();
    if (text === mark || text.trim() === '') return undefined;
    return { name: `Terminal ${window.activeTerminal?.name ?? ''}`.trim(), text };
  } finally {
    await env.clipboard.writeText(before);
  }
}
