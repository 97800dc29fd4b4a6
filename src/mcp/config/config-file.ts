import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Variables } from '../server-specs.ts';
import { variableOfInput } from './inputs.ts';
import { parseMcpConfig, type McpConfig } from './mcp-config.ts';

/** A file of further servers, as it was read. */
export interface ConfigFile {
  /** Only for messages. */
  readonly file: string;
  readonly text: string;
  /** What `${NAME}` in it stands for. */
  readonly variables: Variables;
  /** Answers to its `inputs`, by id. One that is missing is taken from the environment: `SWITCHBOARD_INPUT_<ID>`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** How a person gives an answer that is missing; by a variable unless given. */
  readonly inputHint?: string;
}

/** @throws McpConfigError where the file as a whole cannot be used. */
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
