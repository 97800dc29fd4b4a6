import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Variables } from '../server-specs.ts';
import { variableOfInput } from './inputs.ts';
import { parseMcpConfig, type McpConfig } from './mcp-config.ts';

/** An MCP configuration file as it was read. */
export interface ConfigFile {
  /** Used only in messages. */
  readonly file: string;
  readonly text: string;
  /** Values for `${NAME}` references. */
  readonly variables: Variables;
  /** Answers to its `inputs`, by id. A missing answer comes from the environment: `SWITCHBOARD_INPUT_<ID>`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** How the user provides a missing answer. By default, with a variable. */
  readonly inputHint?: string;
}

/** @throws McpConfigError when the whole file cannot be used. */
export function readConfigFile(config: ConfigFile, workspaceFolder: string | undefined): McpConfig {
  const { file, text, variables, inputs = {} } = config;
  return parseMcpConfig(text, file, {
    variables,
    home: homedir(),
    workspaceFolder,
    input: (id) => inputs[id] ?? variables[variableOfInput(id)],
    inputHint: (id) => config.inputHint ?? `set ${variableOfInput(id)}`,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
}
