import { join } from 'node:path';
import process from 'node:process';
import type { AssembleOptions } from './switchboard.ts';
import { loadRunbook, readNamedFile, requireWorkspace, stateFolderOf } from './terminal/options.ts';
import type { RunOptions } from './terminal/program.ts';

/** The folder of the bundles. */
export const distFolder = __dirname;

export const stateFolder = (): string => stateFolderOf(process.env, process.platform);

export async function readMcpFile(file: string | undefined): Promise<AssembleOptions['mcpConfig']> {
  if (file === undefined) return undefined;
  return { file, text: await readNamedFile('--mcp-config', file), variables: process.env };
}

export async function findRunbook(
  nameOrFile: string,
  given: Parameters<typeof loadRunbook>[2],
  { workspace, acceptGrants = false }: Pick<RunOptions, 'workspace' | 'acceptGrants'>,
): ReturnType<typeof loadRunbook> {
  await requireWorkspace(workspace);
  const folders = {
    workspace: join(workspace, '.switchboard', 'runbooks'),
    own: join(stateFolder(), 'runbooks'),
    builtIn: join(distFolder, 'runbooks'),
  };
  const note = (line: string): void => void process.stderr.write(`switchboard: ${line}\n`);
  return loadRunbook(nameOrFile, folders, given, { note, acceptGrants });
}

export function report(error: unknown): void {
  process.stderr.write(`switchboard: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
