import { l10n } from 'vscode';
/** What this window's policy lets MCP servers do: an administrator or the user may turn them off. */
export type McpPolicy =
  | { readonly allowed: true }
  /** Servers that did not come from VS Code's registry may not run. The reason is for the user. */
  | { readonly allowed: false; readonly reason: string };

/** @param get reads a setting of VS Code; a policy of the organisation is its value. */
export function readMcpPolicy(get: (setting: string) => unknown): McpPolicy {
  const access = get('chat.mcp.access');
  if (access === 'none' || access === 'registry') return refused(`chat.mcp.access: '${access}'`);
  if (get('chat.mcp.enabled') === false) return refused('chat.mcp.enabled: false');
  return { allowed: true };
}

function refused(why: string): McpPolicy {
  return {
    allowed: false,
    reason: l10n.t('Additional MCP servers are not started, because VS Code is set to {0}.', why),
  };
}
