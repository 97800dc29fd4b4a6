import * as z from 'zod';
import { hostOf } from '../remote/remote-faults.ts';
import type { RemoteSpec, ServerSpec } from '../server-specs.ts';
import { readEntry, type EntryContext } from './entry.ts';
import { EntryError, McpConfigError } from './errors.ts';
import { readInputs, type ConfigInput } from './inputs.ts';
import { readJsonc, type JsoncFile } from './read-jsonc.ts';
import { assignServerIds } from './server-ids.ts';

export interface McpConfig {
  readonly servers: readonly ServerSpec[];
  /** Our own servers that the file says run elsewhere (`"system": "jira"`). */
  readonly own: readonly RemoteSpec[];
  /** What the file asks the user for, whether or not an entry in use needs it. */
  readonly inputs: readonly ConfigInput[];
  /** Servers in the file that are not used, and why. One sentence each, with file and line. */
  readonly leftOut: readonly string[];
  /** Where the reading differs from the file: renamed servers, keys without effect. */
  readonly notes: readonly string[];
}

/**
 * Third-party servers from a file in the format of VS Code, Cursor, Claude Desktop or Claude Code. An error in one
 * entry excludes only that entry. A server's environment is what `env` names plus the base environment.
 * @param file used only in messages.
 * @throws McpConfigError when the file is not a list of servers.
 */
export function parseMcpConfig(text: string, file: string, context: EntryContext): McpConfig {
  const jsonc = readJsonc(text, file);
  const { path, entries, inputs: rawInputs } = findServers(jsonc, file);
  const { inputs, faults } = readInputs(rawInputs);
  const withDefaults: EntryContext = {
    ...context,
    input: (id) => context.input(id) ?? inputs.find((input) => input.id === id)?.default,
  };
  const ids = assignServerIds(Object.keys(entries));
  const servers: ServerSpec[] = [];
  const own: RemoteSpec[] = [];
  const leftOut: string[] = [];
  const notes: string[] = faults.map((fault) => `${file}:${jsonc.lineOf(['inputs'])}: ${fault}`);
  for (const [name, value] of Object.entries(entries)) {
    const where = `${file}:${jsonc.lineOf([...path, name])}: ${JSON.stringify(name)}`;
    const id = ids.get(name) ?? name;
    try {
      const { spec, isOwn, ignoredKeys } = readEntry(id, name, value, withDefaults);
      if (spec === undefined) {
        notes.push(`${where} is turned off in the file.`);
        continue;
      }
      if (isOwn === true && spec.kind === 'remote') {
        if (own.some((other) => other.id === spec.id)) throw new EntryError(`system: ${spec.id} is named twice`);
        own.push(spec);
        notes.push(`${where}: ${spec.title} runs at ${hostOf(spec)}.`);
        continue;
      }
      servers.push(spec);
      if (id !== name) notes.push(`${where} is called ${id} here; its tools begin with ${id}__.`);
      if (ignoredKeys.length > 0) notes.push(`${where}: ${ignoredKeys.join(', ')} has no effect here.`);
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      leftOut.push(`${where} was skipped: ${error.message}.`);
    }
  }
  return { servers, own, inputs, leftOut, notes };
}

const record = z.record(z.string(), z.unknown());

interface FoundServers {
  readonly path: readonly string[];
  readonly entries: Readonly<Record<string, unknown>>;
  readonly inputs: unknown;
}

/**
 * `mcpServers` (Claude, Cursor), `servers` (VS Code), `context_servers` (Zed), `mcp.servers` (VS Code's settings.json),
 * `mcp` (opencode), or only the servers. They can also be an array of entries with names.
 */
function findServers({ value, lineOf }: JsoncFile, file: string): FoundServers {
  const root = record.safeParse(value);
  if (!root.success) throw new McpConfigError(`${file}:1: must be an object with "mcpServers" or "servers"`);
  const inMcp = record.safeParse(root.data['mcp']);
  const places = [
    { path: ['mcpServers'], holder: root.data },
    { path: ['servers'], holder: root.data },
    { path: ['context_servers'], holder: root.data },
    ...(inMcp.success ? [{ path: ['mcp', 'servers'], holder: inMcp.data }] : []),
    ...(inMcp.success && areServers(inMcp.data) ? [{ path: ['mcp'], holder: root.data }] : []),
  ];
  for (const { path, holder } of places) {
    const key = path.at(-1) ?? '';
    if (!Object.hasOwn(holder, key)) continue;
    const entries = record.safeParse(byName(holder[key]));
    if (!entries.success) throw new McpConfigError(`${file}:${lineOf(path)}: ${path.join('.')}: must be an object`);
    return { path, entries: entries.data, inputs: holder['inputs'] ?? root.data['inputs'] };
  }
  if (areServers(root.data)) return { path: [], entries: root.data, inputs: undefined };
  if (looksLikeServer(root.data)) {
    throw new McpConfigError(`${file}:1: this is one server without a name; put it under a name in "mcpServers"`);
  }
  throw new McpConfigError(`${file}:1: "mcpServers" (or "servers", as VS Code writes it) is missing`);
}

function areServers(value: Readonly<Record<string, unknown>>): boolean {
  const entries = Object.values(value);
  return entries.length > 0 && entries.every(looksLikeServer);
}

/** Turns `[{"name": "a", ...}]` into `{"a": {...}}`. */
function byName(value: unknown): unknown {
  const list = z
    .array(z.looseObject({ name: z.string().min(1) }))
    .min(1)
    .safeParse(value);
  return list.success ? Object.fromEntries(list.data.map((entry) => [entry.name, entry] as const)) : value;
}

function looksLikeServer(value: unknown): boolean {
  const server = record.safeParse(value);
  return server.success && ['command', 'url', 'httpUrl', 'serverUrl'].some((key) => isNamed(server.data[key]));
}

function isNamed(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && typeof value[0] === 'string');
}
