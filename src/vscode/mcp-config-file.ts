import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { McpConfigError, parseMcpConfig } from '../mcp/mcp-config.ts';
import type { Variables } from '../settings.ts';

/** Further servers, as the person's file names them. */
export interface McpConfigFile {
  readonly file: string;
  readonly text: string;
  /** What `${NAME}` in it stands for: of the environment alone. A stored secret is for the server that it was stored for. */
  readonly variables: Variables;
}

/** @param path the setting; empty: none. A file that cannot be used is said in one sentence, and is as none. */
export async function readMcpConfig(
  path: string,
  variables: Variables,
): Promise<{ readonly config?: McpConfigFile; readonly problem?: string }> {
  if (path === '') return {};
  const file = path.replace(/^~(?=[\\/])/u, homedir());
  if (!isAbsolute(file)) return { problem: `switchboard.mcpConfig: '${path}' must be a whole path.` };
  try {
    const text = await readFile(file, 'utf8');
    parseMcpConfig(text, file, variables);
    return { config: { file, text, variables } };
  } catch (error) {
    if (error instanceof McpConfigError) return { problem: `switchboard.mcpConfig: ${error.message}` };
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { problem: `switchboard.mcpConfig: ${file} cannot be read (${String(error.code)}).` };
  }
}
