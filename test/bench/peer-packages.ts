import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where peers are installed: they are no dependencies of ours. */
export const peerFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchboard-bench');

/** Installs peers once. @param packages "name@version" */
export async function installPeers(packages: readonly string[]): Promise<void> {
  const folderOf = (name: string): string => join(peerFolder, 'node_modules', name.slice(0, name.lastIndexOf('@')));
  if (packages.every((name) => existsSync(folderOf(name)))) return;
  await mkdir(peerFolder, { recursive: true });
  await promisify(execFile)('npm', [
    'install',
    '--prefix',
    peerFolder,
    '--no-save',
    '--no-prune',
    '--no-audit',
    '--no-fund',
    ...packages,
  ]);
}
