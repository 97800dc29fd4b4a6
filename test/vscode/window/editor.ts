import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { packageExtension } from '../../stack/package.ts';
import { codeServerEntry, startCodeServer, type CodeServer } from './code-server.ts';

const run = promisify(execFile);

export interface Editor {
  readonly server: CodeServer;
  /** The folder for everything that this VS Code writes. */
  readonly folder: string;
  /** The extension's state folder. */
  readonly stateFolder: string;
  readonly stop: () => Promise<void>;
}

export interface EditorOptions {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly machineSettings: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** The result of `installExtension`, which is copied. By default, installed only for this editor. */
  readonly installed?: string;
}

/** Creates an extensions folder with ours, installed from the .vsix. `another` is the folder of one more extension, unpacked. */
export async function installExtension(folder: string, vsix: string, another?: string): Promise<string> {
  const extensions = join(folder, 'extensions');
  await mkdir(extensions, { recursive: true });
  if (another !== undefined) await cp(another, join(extensions, basename(another)), { recursive: true });
  const entry = await codeServerEntry(join(folder, 'installer'));
  await run(process.execPath, [...entry, '--extensions-dir', extensions, '--install-extension', vsix]);
  return extensions;
}

/** A VS Code with the extension, which writes everything to a separate folder. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-editor-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 20 });
  try {
    const extensions = join(folder, 'extensions');
    const userData = join(folder, 'user');
    if (options.installed === undefined) {
      const vsix = join(folder, 'switchboard.vsix');
      await packageExtension(vsix);
      await installExtension(folder, vsix);
    } else await cp(options.installed, extensions, { recursive: true });
    const server = await startCodeServer({ ...options, userData, extensions });
    const stateFolder = join(userData, 'User/globalStorage/switchboard.switchboard');
    const stop = async (): Promise<void> => {
      await server.stop();
      await remove();
    };
    return { server, folder, stateFolder, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
