import { type ExtensionContext, type LogOutputChannel, window } from 'vscode';
import { registerCommands } from './vscode/commands.ts';
import type { Host } from './vscode/host.ts';
import { registerViews } from './vscode/lazy-views.ts';
import { registerAskAboutLine } from './vscode/editor/ask-about-line.ts';
import { registerSurface } from './vscode/surface/register-surface.ts';
import { registerMcpProvider } from './vscode/connections/mcp-provider.ts';

let host: Promise<Host> | undefined;

/** Registers what package.json contributes. Everything else is loaded when one of these is first used. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Switchboard', { log: true });
  const load = (): Promise<Host> => {
    host ??= loadHost(context, log, () => mcpServers.refresh());
    return host;
  };
  const mcpServers = registerMcpProvider({
    version: versionOf(context.extension.packageJSON),
    servers: async () => (await load()).offered.list(),
    environment: async (id) => (await load()).offered.environment(id),
    headers: async (id) => (await load()).offered.headers(id),
  });
  context.subscriptions.push(
    log,
    mcpServers,
    registerCommands(load, log),
    registerViews(load, log),
    registerSurface(load),
    registerAskAboutLine(),
  );
}

/** VS Code waits for this, so that no child process is left behind. */
export async function deactivate(): Promise<void> {
  await (await host)?.end();
}

async function loadHost(context: ExtensionContext, log: LogOutputChannel, onServersChanged: () => void): Promise<Host> {
  const { createHost } = await import('./vscode/host.ts');
  const assemble = async () => (await import('./assemble.ts')).assemble;
  return createHost({ context, log, assemble, onServersChanged });
}

function versionOf(manifest: unknown): string {
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : '';
}
