import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { l10n } from 'vscode';
import { readConfigFile, type ConfigFile } from '../../mcp/config/config-file.ts';
import { McpConfigError } from '../../mcp/config/errors.ts';
import type { ConfigInput } from '../../mcp/config/inputs.ts';
import type { McpPolicy } from '../surface/mcp-policy.ts';
import type { Variables } from '../../settings.ts';

export interface ReadConfig {
  /** Undefined if no file is configured or the file cannot be used. */
  readonly config?: ConfigFile;
  /** Why the file or some of its servers cannot be used. One sentence each. */
  readonly problems: readonly string[];
  /** Notes on entries that were interpreted differently from how they are written. */
  readonly notes: readonly string[];
  /** The inputs that the file asks the user for. */
  readonly inputs: readonly ConfigInput[];
}

const none: ReadConfig = { problems: [], notes: [], inputs: [] };

export interface ConfigSource {
  /** The value of the setting. Empty means no file. */
  readonly path: string;
  /** Values for `${NAME}` in the file. Only from the environment: a stored secret is only for its own server. */
  readonly variables: Variables;
  readonly workspaceFolder: string | undefined;
  /** Whether additional servers may run in this window, and why not. */
  readonly policy: McpPolicy;
  /** Returns the stored answer to an input in this file. */
  readonly answer: (file: string, input: string) => Promise<string | undefined>;
}

/** Reads the file. Invalid content never makes it reject. */
export async function readMcpConfig(source: ConfigSource): Promise<ReadConfig> {
  const { path, variables, workspaceFolder, policy, answer } = source;
  if (path === '') return none;
  if (!policy.allowed) return { ...none, problems: [policy.reason] };
  const problem = (message: string): ReadConfig => ({ ...none, problems: [`switchboard.mcpConfig: ${message}`] });
  const file = path.replace(/^~(?=[\\/])/u, homedir());
  if (!isAbsolute(file)) return problem(l10n.t("'{0}' must be an absolute path.", path));
  try {
    const text = await readFile(file, 'utf8');
    const bare: ConfigFile = { file, text, variables, inputHint: 'run "Enter Values for MCP Servers..."' };
    const asked = readConfigFile(bare, workspaceFolder).inputs;
    const answers = await Promise.all(asked.map(async ({ id }) => [id, await answer(file, id)] as const));
    const inputs: Record<string, string> = {};
    for (const [id, value] of answers) if (value !== undefined) inputs[id] = value;
    const config: ConfigFile = { ...bare, inputs };
    const { leftOut, notes } = readConfigFile(config, workspaceFolder);
    return { config, problems: leftOut.map((each) => `switchboard.mcpConfig: ${each}`), notes, inputs: asked };
  } catch (error) {
    if (error instanceof McpConfigError) return problem(error.message);
    if (!(error instanceof Error && 'code' in error)) throw error;
    return problem(l10n.t('{0} cannot be read ({1}).', file, String(error.code)));
  }
}
