import { commands, env, window } from 'vscode';

/** VS Code gives extensions no access to the selection of a terminal but by its own copy command. */
export async function readTerminalSelection(): Promise<{ readonly name: string; readonly text: string } | undefined> {
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
