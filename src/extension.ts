import { type ExtensionContext, window } from 'vscode';
import { registerCommands } from './vscode/commands.ts';
import type { HostParts } from './vscode/host-services.ts';
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
    host ??= loadHost({
      context,
      log,
      onServersChanged: () => mcpServers.refresh(),
      historyTree: () => views.history,
    });
    return host;
  };
  const mcpServers = registerMcpProvider({
    version: versionOf(context.extension.packageJSON),
    servers: async () => (await load()).offered.list(),
    environment: async (id) => (await load()).offered.environment(id),
    headers: async (id) => (await load()).offered.headers(id),
  });
  const views = registerViews(load, log);
  context.subscriptions.push(
    log,
    mcpServers,
    registerCommands(load, log),
    views,
    registerSurface(load),
    registerAskAboutLine(),
  );
}

/** VS Code waits for this, so that no child process is left behind. */
export async function deactivate(): Promise<void> {
  await (await host)?.end();
}

async function loadHost(parts: Omit<HostParts, 'assemble'>): Promise<Host> {
  const { createHost } = await import('./vscode/host.ts');
  const assemble = async () => (await import('./assemble.ts')).assemble;
  return createHost({ ...parts, assemble });
}

function versionOf(manifest: unknown): string {
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : '';
}
