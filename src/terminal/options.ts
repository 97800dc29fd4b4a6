import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, isAbsolute, join } from 'node:path';
import { describeIssues } from '../agent/yaml.ts';
import type { ApprovalRule } from '../agent/policy/approvers.ts';
import { withOrigin, type OriginatedGrant } from '../agent/policy/grants.ts';
import { parsePolicy } from '../agent/policy/policy-file.ts';
import {
  bindRunbook,
  maxRunbookBytes,
  parseRunbook,
  type BindResult,
  type BoundRunbook,
} from '../agent/runbook/runbook.ts';
import { readRegularFile } from '../read-regular-file.ts';
import { isCode } from '../sessions/lock-file.ts';
import { makeFolder } from '../sessions/make-folder.ts';
import { createSessionStore } from '../sessions/session-store.ts';
import { settingsSchema, type Settings, type Variables } from '../settings.ts';
import { parseBudget } from './budget-option.ts';
import { SettingsError, UsageError } from './exit-codes.ts';

/** `["a=1", "b=x=y"]` as `{a: "1", b: "x=y"}`. @throws UsageError */
export function parseParameters(pairs: readonly string[]): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--param ${pair}: write it as name=value, such as --param threshold=10`);
    const name = pair.slice(0, equals);
    if (parameters.has(name)) throw new UsageError(`--param ${name} is given twice`);
    parameters.set(name, pair.slice(equals + 1));
  }
  return Object.fromEntries(parameters);
}

interface PolicyOptions {
  readonly grants: readonly OriginatedGrant[];
  readonly approvals: readonly ApprovalRule[];
}

export const noPolicy: PolicyOptions = { grants: [], approvals: [] };

/** @throws UsageError naming file, line and field of every error. */
export async function readPolicyFile(file: string): Promise<PolicyOptions> {
  const parsed = parsePolicy(await readNamedFile('--policy', file));
  if (parsed.kind === 'invalid') throw new UsageError(describeIssues(file, parsed.issues));
  const { grants, approvals } = parsed;
  return { grants: grants.map((grant) => withOrigin(grant, 'policy-file')), approvals };
}

/** The folders searched for a runbook name: the workspace first, then the person's own. */
export interface RunbookFolders {
  /** May be missing, like the person's own. */
  readonly workspace: string;
  readonly own: string;
  readonly builtIn: string;
}

export interface RunbookChoice {
  /** Gets one line if a runbook overrides another one. */
  readonly note: (line: string) => void;
  /** Whether the runbook's grants apply without review. A workspace runbook must not override another one then. */
  readonly acceptGrants: boolean;
}

/**
 * A runbook by its name in one of the folders, or from a file (anything with a slash or ending in `.md`).
 * @throws UsageError naming the runbook, or file, line and field.
 */
export async function loadRunbook(
  nameOrFile: string,
  folders: RunbookFolders,
  given: Readonly<Record<string, string | number | boolean>>,
  choice: RunbookChoice,
): Promise<BoundRunbook> {
  const isFile = /[\\/]/.test(nameOrFile) || extname(nameOrFile) === '.md';
  const file = isFile ? nameOrFile : await findRunbook(nameOrFile, folders, choice);
  const source = await readRunbookFile(file);
  const parsed = parseRunbook(source, basename(file));
  if (parsed.kind === 'invalid') throw new UsageError(describeIssues(file, parsed.issues));
  const bound = bindRunbook(parsed.runbook, given);
  if (bound.kind === 'invalid') throw new UsageError(`${parsed.runbook.name}: ${bound.problems.join(' ')}`);
  return bound.bound;
}

/** What is wrong with a runbook or its parameters, as data: for who starts one from afar. */
export async function bindOr(bind: () => Promise<BoundRunbook>): Promise<BindResult> {
  try {
    return { kind: 'bound', bound: await bind() };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'invalid', problems: [error.message] };
    throw error;
  }
}

async function findRunbook(name: string, folders: RunbookFolders, choice: RunbookChoice): Promise<string> {
  const shelves = [
    { folder: folders.workspace, of: "the workspace's", names: await runbookNames(folders.workspace) },
    { folder: folders.own, of: 'your own', names: await runbookNames(folders.own) },
    { folder: folders.builtIn, of: 'the built-in', names: await runbookNames(folders.builtIn) },
  ];
  const [found, hidden] = shelves.filter(({ names }) => names.includes(name));
  if (found === undefined) throw new UsageError(`There is no runbook '${name}'. ${describeShelves(folders, shelves)}`);
  const file = join(found.folder, `${name}.md`);
  if (hidden !== undefined) {
    if (choice.acceptGrants && found.folder === folders.workspace) {
      throw new UsageError(
        `--accept-grants: '${name}' is ${hidden.of} runbook, but the workspace has one with the same name. ` +
          `Name the file you mean: ${file} or ${join(hidden.folder, `${name}.md`)}`,
      );
    }
    choice.note(`${file} overrides ${hidden.of} runbook '${name}'`);
  }
  return file;
}

interface Shelf {
  readonly folder: string;
  readonly names: readonly string[];
}

function describeShelves({ own }: RunbookFolders, shelves: readonly Shelf[]): string {
  const builtIn = shelves.at(-1)?.names ?? [];
  const others = shelves.slice(0, -1).flatMap(({ folder, names }) => {
    if (names.length > 0) return [`${folder} contains ${names.join(', ')}`];
    return folder === own ? [`${folder} contains none`] : [];
  });
  return [`Built-in runbooks: ${builtIn.join(', ')}`, ...others, 'or name a file: ./name.md'].join('; ');
}

async function runbookNames(folder: string): Promise<readonly string[]> {
  try {
    const files = await readdir(folder);
    return files
      .filter((file) => file.endsWith('.md'))
      .map((file) => basename(file, '.md'))
      .sort();
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return [];
    throw new UsageError(`${folder}: the runbooks cannot be read (${String(error)})`, { cause: error });
  }
}

/** A workspace may come from a stranger, so a runbook that links to a device must not be read without limit. */
async function readRunbookFile(path: string): Promise<string> {
  try {
    const file = await readRegularFile(path, { maxBytes: maxRunbookBytes, followLinks: true });
    if (file.kind === 'read') return file.bytes.toString('utf8');
    throw new UsageError(`run ${path}: the file cannot be read (${file.kind === 'absent' ? 'ENOENT' : file.reason})`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`run ${path}: the file cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

/** @throws UsageError naming the option and the file. */
export async function readNamedFile(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${file}: the file cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

/** Describes an interrupted run. @throws UsageError if none was interrupted, SessionError if there is no session */
export async function readInterrupted(folder: string, id: string) {
  const { interrupted } = await createSessionStore(folder).read(id);
  if (interrupted !== undefined) return interrupted.started;
  throw new UsageError(
    `The last run of session ${id} was not interrupted. To continue the session, use: switchboard ask --session ${id} "..."`,
  );
}

/** `SWITCHBOARD_STATE_DIR`, or the system's folder for program state. */
export function stateFolderOf(variables: Variables, platform: NodeJS.Platform): string {
  const given = variables['SWITCHBOARD_STATE_DIR'];
  if (given !== undefined && given !== '') return given;
  if (platform === 'win32')
    return join(variables['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'switchboard');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'switchboard');
  const state = variables['XDG_STATE_HOME'];
  // As in servers/kit/state/state-directory.ts: empty means unset, and relative paths are ignored.
  return join(state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local', 'state'), 'switchboard');
}

/**
 * The settings of a headless run, from the environment.
 * @param budget from the command line; each limit overrides the one in `SWITCHBOARD_BUDGET`.
 * @throws UsageError for the command line, SettingsError for the environment.
 */
export function settingsOf(variables: Variables, budget: readonly string[] = []): Settings {
  const model = variables['SWITCHBOARD_MODEL'];
  const effort = variables['SWITCHBOARD_EFFORT']?.trim() ?? '';
  if (effort !== '' && !settingsSchema.shape.effort.safeParse(effort).success)
    throw new SettingsError(`SWITCHBOARD_EFFORT must be default, low, medium, high, xhigh or max, not '${effort}'`);
  const lasting = (variables['SWITCHBOARD_BUDGET'] ?? '').split(',').filter((pair) => pair.trim() !== '');
  const price = variables['SWITCHBOARD_MODEL_PRICE']?.trim() ?? '';
  if (price !== '' && !settingsSchema.shape['budget.modelPrice'].safeParse(price).success)
    throw new SettingsError(`SWITCHBOARD_MODEL_PRICE: write it as input/output, such as 2/10, not '${price}'`);
  const wait = variables['SWITCHBOARD_MODEL_WAIT']?.trim() ?? '';
  if (wait !== '' && !/^\d{1,5}$/.test(wait))
    throw new SettingsError(`SWITCHBOARD_MODEL_WAIT must be a number of seconds up to 86400, not '${wait}'`);
  return settingsSchema.parse({
    ...(wait !== '' && { 'anthropic.maxWaitSeconds': Math.min(86_400, Number(wait)) }),
    'budget.modelPrice': price,
    ...(model !== undefined && model !== '' && { model }),
    ...(effort !== '' && { effort }),
    ...secondsOf(variables, 'SWITCHBOARD_MCP_START_SECONDS', 'mcp.startSeconds'),
    ...secondsOf(variables, 'SWITCHBOARD_MCP_CALL_SECONDS', 'mcp.callSeconds'),
    ...(/^(?:1|true)$/i.test(variables['SWITCHBOARD_MCP_ALLOW_SAMPLING'] ?? '') && { 'mcp.allowSampling': true }),
    ...parseBudget(lasting, 'SWITCHBOARD_BUDGET:', (message) => new SettingsError(message)),
    ...parseBudget(budget, '--budget', (message) => new UsageError(message)),
  });
}

function secondsOf(variables: Variables, name: string, setting: 'mcp.startSeconds' | 'mcp.callSeconds') {
  const text = variables[name] ?? '';
  if (text === '') return {};
  const parsed = settingsSchema.shape[setting].safeParse(Number(text));
  if (!parsed.success) throw new SettingsError(`${name}: '${text}' is not an allowed number of seconds`);
  return { [setting]: parsed.data };
}

/** @throws SettingsError if it is not writable. Every run stores its session, audit log and ledger there. */
export async function requireStateFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `cannot write to ${folder} (${reasonOf(error)}); set SWITCHBOARD_STATE_DIR to another folder`;
    throw new SettingsError(message, { cause: error });
  }
}

/** @throws UsageError */
export async function requireWorkspace(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    throw new UsageError(`--workspace ${folder}: the folder cannot be read (${reasonOf(error)})`, { cause: error });
  }
  throw new UsageError(`--workspace ${folder}: not a folder`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
